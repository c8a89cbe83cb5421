import { pino, type Logger } from "pino";

export type { Logger };

/** JSON lines on standard error; standard output belongs to the ready line. */
export function createLog(level: string): Logger {
  return pino({ level, base: { process: "web" } }, pino.destination({ dest: 2, sync: true }));
}
