import { pino, type Logger } from "pino";

/** A pino logger. */
export type Log = Logger;

export const silent: Log = pino({ enabled: false });
