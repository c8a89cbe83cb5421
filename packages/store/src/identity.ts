import { idOf, TapeError, type IdKind } from "@tape/core";

const NOUNS: Partial<Record<IdKind, string>> = { run: "run", eff: "effect", gate: "gate", obl: "obligation", tok: "token", wrk: "worker" };
const SCHEMAS = new Map<IdKind, ReturnType<typeof idOf>>();

/** Is this an id of that kind by its shape? Says nothing about whether such a row exists. */
export function isId(kind: IdKind, id: unknown): id is string {
  let schema = SCHEMAS.get(kind);
  if (!schema) SCHEMAS.set(kind, (schema = idOf(kind)));
  return schema.safeParse(id).success;
}

/** @throws {TapeError} `not_found` for what cannot be an id: nothing has that name. */
export function assertId(kind: IdKind, id: unknown): asserts id is string {
  if (!isId(kind, id)) throw notFound(kind, String(id));
}

export function notFound(kind: IdKind, id: string): TapeError {
  const shown = id.length > 60 ? `${id.slice(0, 60)}…` : id;
  return new TapeError("not_found", `There is no ${NOUNS[kind] ?? kind} ${shown.replaceAll("\0", "\\0")}.`);
}
