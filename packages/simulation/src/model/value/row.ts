import type { Value } from "@tape/core";
import { parseBody } from "@tape/store";
import { iso } from "../iso.ts";
import { keyOf, type Model, type ValueVersionRow } from "../model.ts";

/** The versions that are kept of a value, the latest last. */
export function versionsOf(model: Model, { namespace, key }: { namespace: string; key: string }): readonly ValueVersionRow[] {
  return model.values.get(keyOf(namespace, key)) ?? [];
}

export function toValue({ namespace, key, value, version, writer, at, deleted }: ValueVersionRow): Value {
  return { namespace, key, value: parseBody(value), version, writer, at: iso(at), deleted };
}
