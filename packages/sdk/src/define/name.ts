import { TapeError } from "@tape/core";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

/** Names end up in keys, URLs and sentences. @throws {TapeError} `invalid_input` */
export function checkName(what: string, name: string): string {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TapeError("invalid_input", `${what} "${typeof name === "string" ? name : `of type ${typeof name}`}": a name is 1 to 100 letters, digits and . _ : - and begins with a letter or digit`);
  }
  return name;
}
