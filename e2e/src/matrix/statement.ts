/**
 * What a statement is to the run: it writes for one, it looks for something to do and takes it (`poll`), or it begins or
 * ends a transaction.
 */
export interface Statement {
  is: "write" | "poll" | "begin" | "commit" | "rollback";
  name: string;
}

/** Tables that hold runs. Beats, audit, sinks and sessions are nobody's boundary. */
const WRITES = /\b(INSERT INTO|UPDATE|DELETE FROM)\s+(?:tape\.)?"?(runs|invocations|entries|bodies|effects|business_keys|obligations|gates|timers|values|value_history)\b/gi;
/** Taken out first: a lock is no write. */
const LOCKS = /\bFOR\s+(NO\s+KEY\s+)?UPDATE\b/gi;
/** Leases are renewed by the clock. */
const BY_THE_CLOCK = new Set(["tape_renew"]);

/** @returns undefined for what only reads, or is not about runs */
export function statementOf(given: unknown): Statement | undefined {
  const { text, name } = typeof given === "string" ? { text: given, name: undefined } : (given as { text?: string; name?: string });
  if (text === undefined || (name !== undefined && BY_THE_CLOCK.has(name))) return undefined;
  const control = /^\s*(BEGIN|COMMIT|ROLLBACK)\b/i.exec(text)?.[1]?.toLowerCase() as "begin" | "commit" | "rollback" | undefined;
  if (control) return { is: control, name: control };
  const tables = [...text.replaceAll(LOCKS, "").matchAll(WRITES)].map(([, verb, table]) => `${verb!.split(" ")[0]!.toLowerCase()} ${table}`);
  if (tables.length === 0) return undefined;
  // Whatever passes over locked rows is asked again and again: it counts once it found something.
  return { is: /\bSKIP\s+LOCKED\b/i.test(text) ? "poll" : "write", name: name ?? [...new Set(tables)].join(", ") };
}
