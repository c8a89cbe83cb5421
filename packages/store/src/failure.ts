import { TapeError } from "@tape/core";
import pg from "pg";

/** PostgreSQL's word for it: class 40 is asked again, class 08 and these are a database that is away. */
const RETRYABLE = new Set(["40001", "40P01"]);
const AWAY = new Set(["57P01", "57P02", "57P03", "57P05", "53300", "25P03"]);
/** Text that PostgreSQL cannot hold: a NUL, a lone surrogate in jsonb, a number or instant out of range. */
const UNSTORABLE = new Set(["22021", "22P05", "22P02", "22003", "22007", "22008"]);
const SOCKET = new Set(["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "ENOENT", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const BROKEN = /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end/;

/** Rows that nobody may write, by the CHECK that refuses them. */
const IMPOSSIBLE: Partial<Record<string, string>> = {
  effects_no_inline_once: "A NON_IDEMPOTENT effect cannot be INLINE: make it an outbox tool with a connector, or send its key and call it IDEMPOTENT.",
  effects_business_key_connector: "A business key is unique per connector: name the connector that it belongs to.",
  effects_outbox_connector: "An effect of the outbox is sent by a connector: name it.",
};

/** A serialization failure or a deadlock: nothing was kept, and the same transaction may succeed when sent again. */
export function isRetryable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && RETRYABLE.has(error.code ?? "");
}

/** The database cannot be reached, or the connection broke. What was under way may or may not have been kept. */
export function isConnectionFailure(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return AWAY.has(error.code ?? "") || (error.code?.startsWith("08") ?? false);
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isConnectionFailure);
  return SOCKET.has((error as NodeJS.ErrnoException).code ?? "") || BROKEN.test(error.message);
}

/** What crosses the border of this package: errors of ours as they are, PostgreSQL's in our words, anything else untouched. */
export function toTapeError(error: unknown): unknown {
  if (error instanceof TapeError) return error;
  if (isConnectionFailure(error)) {
    return new TapeError("unavailable", "The database cannot be reached. Try again in a moment.", undefined, { cause: error });
  }
  if (isRetryable(error)) {
    return new TapeError("unavailable", "The database is busy with the same rows. Try again in a moment.", undefined, { cause: error });
  }
  if (error instanceof pg.DatabaseError && UNSTORABLE.has(error.code ?? "")) {
    return new TapeError("invalid_input", `This cannot be stored: ${error.message}.`, undefined, { cause: error });
  }
  const impossible = error instanceof pg.DatabaseError ? IMPOSSIBLE[error.constraint ?? ""] : undefined;
  return impossible === undefined ? error : new TapeError("invalid_input", impossible, undefined, { cause: error });
}
