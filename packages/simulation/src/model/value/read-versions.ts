import type * as store from "@tape/store";
import type { VerbOf } from "../verb.ts";
import { assertValueName } from "./name.ts";
import { toValue, versionsOf } from "./row.ts";

/** The versions after `after`, in order, each with the one before; `skipped` counts what is not kept any more. */
export const readVersions: VerbOf<typeof store.readVersions> = (model, { namespace, key, after, limit }) => {
  assertValueName(namespace, key);
  const kept = versionsOf(model, { namespace, key }).map(toValue);
  const newer = kept.filter(({ version }) => version > after);
  const changes = newer.map((value, place) => {
    const prevVersion = newer[place - 1]?.version ?? after;
    const before = kept.find(({ version }) => version === value.version - 1);
    return { ...value, prevVersion, prevValue: before?.value ?? null, skipped: value.version - prevVersion - 1 };
  });
  return changes.slice(0, limit);
};
