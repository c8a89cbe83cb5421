import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { assertValueName } from "./name.ts";
import { toValue, versionsOf } from "./row.ts";

/** Versions on a page: so many where nobody says, and at most. */
const DEFAULT_LIMIT = 50;
const MOST = 200;

/** The versions that are kept, newest first, in pages. */
export const valueHistory: VerbOf<typeof store.valueHistory> = (model, { namespace, key, beforeVersion = Infinity, limit = DEFAULT_LIMIT }) => {
  assertValueName(namespace, key);
  const size = Math.min(Math.max(1, Math.trunc(limit)), MOST);
  const found = versionsOf(model, { namespace, key }).filter(({ version }) => version < beforeVersion).toReversed();
  const items = found.slice(0, size).map(toValue);
  return { items, nextCursor: found.length > size ? String(items.at(-1)!.version) : null };
};
