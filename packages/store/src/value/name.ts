import { assertText, invalidField } from "../text.ts";

/** At most so many characters, in a namespace and in a key. */
const MOST = 200;
const CONTROL = /\p{Cc}/u;

/**
 * Where a value lives: a namespace of segments parted by slashes (`runs/<runId>`), and a key in it.
 *
 * @throws {TapeError} `invalid_input` naming `namespace` or `key`: empty, longer than 200 characters, a control
 *   character, or a namespace with a segment that is empty, `.` or `..`.
 */
export function assertValueName(namespace: unknown, key: unknown): void {
  assertNamespace(namespace);
  assertName(key, "key");
}

/** @throws {TapeError} `invalid_input` */
export function assertNamespace(namespace: unknown): asserts namespace is string {
  assertName(namespace, "namespace");
  if (namespace.split("/").some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw invalidField("namespace", "its segments, parted by slashes, may not be empty, . or ..");
  }
}

function assertName(name: unknown, path: string): asserts name is string {
  assertText(name, path, { max: MOST });
  if (CONTROL.test(name)) throw invalidField(path, "holds a control character");
}
