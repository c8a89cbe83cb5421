import { assertText, invalidField } from "../text.ts";

/** @throws {TapeError} `invalid_input` for what cannot be a namespace (segments parted by slashes) or a key. */
export function assertValueName(namespace: unknown, key: unknown): void {
  assertName(namespace, "namespace");
  if (namespace.split("/").some((segment) => ["", ".", ".."].includes(segment))) throw invalidField("namespace", "its segments may not be empty, . or ..");
  assertName(key, "key");
}

function assertName(name: unknown, path: string): asserts name is string {
  assertText(name, path);
  if (/\p{Cc}/u.test(name)) throw invalidField(path, "holds a control character");
}
