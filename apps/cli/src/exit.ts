import { TapeError, type ErrorCode } from "@tape/core";
import { DatabaseError } from "@tape/prisma";
import { toTapeError } from "@tape/store";

/**
 * How a command ends. 1 and 2 are answers; from 64 on they are BSD's `sysexits`, so that a script can tell a question
 * answered with no from one that was not answered.
 */
export const EXIT = {
  ok: 0,
  /** Refused, failed, or (`status`) an effect is UNKNOWN. */
  refused: 1,
  /** `status`: a run is STUCK. */
  stuck: 2,
  /** The command line, an input or a variable is wrong. */
  usage: 64,
  /** The database or the server cannot be reached. */
  unavailable: 69,
  /** Our fault. */
  internal: 70,
  /** Not signed in, or not allowed. */
  forbidden: 77,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What was typed does not fit. The message says what would. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const BY_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  invalid_input: EXIT.usage,
  payload_too_large: EXIT.usage,
  unauthenticated: EXIT.forbidden,
  forbidden: EXIT.forbidden,
  unavailable: EXIT.unavailable,
  database_not_running: EXIT.unavailable,
  rate_limited: EXIT.unavailable,
  internal: EXIT.internal,
};

/** PostgreSQL's own refusals, and its driver's, that a person can do something about. */
const DATABASE_SAYS: Record<string, string> = {
  ERR_INVALID_URL: "DATABASE_URL cannot be read: it is like postgres://user:password@host:5432/database.",
  "28P01": "The database refuses the password: correct DATABASE_URL.",
  "28000": "The database refuses the user: correct DATABASE_URL.",
  "3D000": "There is no such database: create it, or correct DATABASE_URL.",
  "42P01": "The database has none of Tape's tables, or old ones: run tape migrate.",
  "42703": "The database has old tables of Tape: run tape migrate.",
  "42883": "The database has old tables of Tape: run tape migrate.",
  "3F000": "The database has none of Tape's tables: run tape migrate.",
};

export interface Ending {
  exitCode: ExitCode;
  /** One line for a person: what is wrong, and where it is known, what to do. */
  message: string;
}

/** What an error means for the one who typed the command. */
export function endingOf(thrown: unknown): Ending {
  const error = toTapeError(thrown);
  if (error instanceof TapeError) return { exitCode: BY_CODE[error.code] ?? EXIT.refused, message: oneLine(error.message) };
  if (error instanceof UsageError) return { exitCode: EXIT.usage, message: oneLine(error.message) };
  if (error instanceof DatabaseError) return { exitCode: error.code === "database_not_running" ? EXIT.unavailable : EXIT.refused, message: oneLine(error.message) };
  const said = DATABASE_SAYS[codeOf(error)];
  if (said !== undefined) return { exitCode: EXIT.unavailable, message: said };
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.internal, message: `Something in Tape itself went wrong: ${oneLine(message)} (TAPE_LOG=debug shows where)` };
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : "";
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
