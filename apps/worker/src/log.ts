import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

/** JSON lines on stderr, for people when it is a terminal. Stdout is for the ready line. */
export function createLog(level: string, isTerminal: boolean): Logger {
  const stream = isTerminal ? pretty({ destination: 2, sync: true, ignore: "pid,hostname,worker", translateTime: "HH:MM:ss" }) : pino.destination({ fd: 2, sync: true });
  return pino({ level, base: { name: "worker" } }, stream);
}
