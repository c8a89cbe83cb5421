import { TapeError, type ValueChange } from "@tape/core";
import { Bell } from "../hint/bell.ts";
import type { HintHub } from "../hint/hub.ts";
import type { Store } from "../store.ts";
import { invalidField } from "../text.ts";
import { readVersions } from "./read-versions.ts";

/** Versions read at once: each may be a mebibyte. */
const PAGE = 50;
/** How often it looks without a hint (ms). */
const POLL_MS = 1_000;

/**
 * Every version of a value after `fromVersion` (default 0: all that history has), in order, with the one before; then
 * each new one as it is written, for ever. Whoever fell behind the history is told by `skipped` how many versions it
 * will not see. Hints make it quick, polling makes it sure: it goes on through a database that is away.
 *
 * Ends, without an error, when `signal` aborts. Leaving the loop, by `break` or an error, takes its listener off.
 *
 * @throws {TapeError} `invalid_input` for what cannot be a namespace, a key or a version.
 */
export async function* watchValue(
  store: Store,
  hub: HintHub,
  { namespace, key, fromVersion = 0, signal }: { namespace: string; key: string; fromVersion?: number; signal?: AbortSignal },
): AsyncGenerator<ValueChange, void, undefined> {
  if (!(Number.isSafeInteger(fromVersion) && fromVersion >= 0)) throw invalidField("fromVersion", "must be a version, a whole number; 0: all");
  const bell = new Bell();
  const unsubscribe = hub.subscribe((hint) => hint.on === "value" && hint.namespace === namespace && hint.key === key, () => bell.ring());
  const onAbort = () => bell.ring();
  signal?.addEventListener("abort", onAbort);
  let last = fromVersion;
  try {
    while (!signal?.aborted) {
      bell.hush();
      const changes = await readOn(store, { namespace, key, after: last, limit: PAGE });
      for (const change of changes) {
        if (signal?.aborted) return;
        yield change;
        last = change.version;
      }
      if (changes.length < PAGE && !signal?.aborted) await bell.wait(POLL_MS);
    }
  } finally {
    unsubscribe();
    signal?.removeEventListener("abort", onAbort);
  }
}

async function readOn(store: Store, input: Parameters<typeof readVersions>[1]): Promise<ValueChange[]> {
  try {
    return await readVersions(store, input);
  } catch (error) {
    if (TapeError.is(error, "unavailable")) return [];
    throw error;
  }
}
