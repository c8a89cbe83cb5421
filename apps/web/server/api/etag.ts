import { TapeError, type Value } from "@tape/core";

/** A version as HTTP names it. */
export function etagOf({ version }: Pick<Value, "version">): string {
  return `"${version}"`;
}

/**
 * What an `If-Match` asks for: a version as `"3"`, `W/"3"` or `3`, or `*`. Null without one.
 *
 * @throws {TapeError} `invalid_input` for anything else: a guard that is not understood must not be passed over.
 */
export function ifMatchOf(header: string | undefined): number | "*" | null {
  if (header === undefined) return null;
  const text = header.trim();
  if (text === "*") return "*";
  const [, quoted, bare] = /^(?:(?:W\/)?"(\d{1,15})"|(\d{1,15}))$/.exec(text) ?? [];
  const version = quoted ?? bare;
  if (version === undefined) throw refused("if-match", 'must be one version, like "3", or *');
  return Number(version);
}

/** Does an `If-None-Match` of a write ask that no live value is there? */
export function ifNotLiveOf(header: string | undefined): boolean {
  if (header === undefined) return false;
  if (header.trim() !== "*") throw refused("if-none-match", "must be *: only if no live value is there");
  return true;
}

/** Does an `If-None-Match` of a read name this version? One that says nothing of ours is passed over. */
export function isKnown(header: string | undefined, value: Pick<Value, "version">): boolean {
  if (header === undefined) return false;
  return header.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etagOf(value));
}

function refused(path: string, message: string): TapeError {
  return new TapeError("invalid_input", `header.${path}: ${message}`, { fields: [{ path, message }] });
}
