import { progress } from "@tape/core";
import { parseBody, type ValueOutcome, type ValueWrite } from "@tape/store";
import { keyOf, type Model, type ValueVersionRow } from "../model.ts";
import { toValue, versionsOf } from "./row.ts";

/** Versions of a key that history keeps at least; older ones go with every 128th write. */
const HISTORY_KEPT = 2_000;
const PRUNED_EVERY = 128;

/** Writes and deletes values, at most one for each name; answers each by its place, refusals included. */
export function writeValues(model: Model, writes: readonly ValueWrite[]): ValueOutcome[] {
  return writes.map((write) => writeValue(model, write));
}

/** Every write is the next version; the first is 1. */
function writeValue(model: Model, write: ValueWrite): ValueOutcome {
  const versions = versionsOf(model, write);
  const latest = versions.at(-1);
  const version = latest?.version ?? 0;
  const live = latest !== undefined && !latest.deleted;
  const refused = (code: Extract<ValueOutcome, { ok: false }>["code"]): ValueOutcome => ({ ok: false, code, version, live });

  // A step asks once, however often its code is driven again: what it wrote is found by its key.
  const asked = write.step === undefined ? undefined : versions.find(({ step }) => step === write.step);
  if (!isHeld(model, write)) return { ok: false, code: "lease_lost", version: asked?.version ?? 0, live: false };
  if (asked) return { ok: true, value: toValue(asked), written: false };
  if (write.value === null && latest === undefined) return refused("not_found");
  if (write.ifVersion !== undefined && write.ifVersion !== version) return refused("version_conflict");
  if (write.ifNotLive && live) return refused("version_conflict");
  if (write.value === null && !live) return refused("not_found");
  if (live && runsBackwards(write, latest)) return { ok: true, value: toValue(latest), written: false };

  const { namespace, key, value, writer, step = null } = write;
  const next = { namespace, key, version: version + 1, value, deleted: value === null, writer, at: Math.max(model.now, latest?.at ?? 0), step };
  model.values.set(keyOf(namespace, key), pruned([...versions, next]));
  return { ok: true, value: toValue(next), written: true };
}

/** Does the driver that writes still have its run? */
function isHeld({ runs }: Model, { fence }: ValueWrite): boolean {
  if (!fence) return true;
  const run = runs.get(fence.runId);
  return run !== undefined && run.owner === fence.owner && run.epoch === fence.epoch;
}

/** A run that is driven again counts from the beginning: its own progress stands still until it has caught up. */
function runsBackwards({ namespace, key, value, fence }: ValueWrite, latest: ValueVersionRow): boolean {
  if (!fence || value === null || key !== "progress" || namespace !== `runs/${fence.runId}`) return false;
  const said = progress.safeParse(parseBody(value));
  const stands = parseBody(latest.value) as { done?: unknown; total?: unknown } | null;
  return said.success && typeof stands?.done === "number" && stands.total === said.data.total && stands.done > said.data.done;
}

function pruned(versions: ValueVersionRow[]): ValueVersionRow[] {
  const { version } = versions.at(-1)!;
  return version % PRUNED_EVERY === 0 ? versions.filter((one) => one.version > version - HISTORY_KEPT) : versions;
}
