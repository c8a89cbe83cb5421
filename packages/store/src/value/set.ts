import { TapeError, type Value } from "@tape/core";
import { requireRole, type Actor } from "../actor.ts";
import { appendAudit } from "../audit/append.ts";
import { serializeExactly } from "../body.ts";
import { isPerson } from "../person.ts";
import type { Store } from "../store.ts";
import { assertText, invalidField } from "../text.ts";
import { inTransaction } from "../transaction.ts";
import { assertValueName } from "./name.ts";
import { writeValues, type ValueOutcome, type ValueWrite } from "./write.ts";
import { submitWrite } from "./writer.ts";

export interface DeleteValue extends Omit<ValueWrite, "value" | "ifNotLive"> {
  /** Who asks it, where somebody signed in does. A person's writes are audited, without the value. */
  actor?: Actor;
}

export interface SetValue extends DeleteValue {
  /** JSON, at most 1 MiB of it. */
  value: unknown;
  /** Only if it is not live: never written, or deleted. */
  ifNotLive?: boolean;
}

/**
 * Writes the next version of a value; the first is 1. May be called from many places at once: each gets a version of
 * its own, and what one process writes at the same moment travels in one statement.
 *
 * A fenced write of a run's own progress never runs backwards: see {@link writeValues}.
 *
 * @throws {TapeError} `invalid_input` naming the field; `payload_too_large`; `version_conflict` with the present
 *   version (0: never written) where `ifVersion` or `ifNotLive` does not hold; `lease_lost` where `fence` does not;
 *   `forbidden` for an actor below operator; `unavailable`, and then it may or may not have been written.
 */
export async function setValue(store: Store, { value, actor, ...write }: SetValue): Promise<Value> {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") throw invalidField("value", "a value is required; to remove one, delete it");
  return await change(store, { ...write, value: serializeExactly(value, "value") }, actor);
}

/**
 * Makes a live value a tombstone, which is its next version; a later write makes it live again.
 *
 * @throws {TapeError} as {@link setValue}; `not_found` for a value that is not live.
 */
export async function deleteValue(store: Store, { actor, ...write }: DeleteValue): Promise<Value> {
  return await change(store, { ...write, value: null }, actor);
}

async function change(store: Store, write: ValueWrite, actor: Actor | undefined): Promise<Value> {
  check(write);
  if (actor) requireRole(actor, "operator", write.value === null ? "delete a value" : "write a value");
  const outcome = isPerson(actor) ? await writeAudited(store, write, actor) : await submitWrite(store, write);
  if (!outcome.ok) throw refusal(write, outcome);
  return outcome.value;
}

function check({ namespace, key, ifVersion, writer, step }: ValueWrite): void {
  assertValueName(namespace, key);
  assertText(writer, "writer");
  if (step !== undefined) assertText(step, "step", { max: 2_000 });
  if (ifVersion !== undefined && !(Number.isSafeInteger(ifVersion) && ifVersion >= 0)) throw invalidField("ifVersion", "must be a version, a whole number; 0: never written");
}

async function writeAudited(store: Store, write: ValueWrite, actor: Actor): Promise<ValueOutcome> {
  return await inTransaction(store, async (tx) => {
    const [outcome] = await writeValues(tx, [write]);
    if (!outcome!.ok || !outcome!.written) return outcome!;
    const { namespace, key, version } = outcome!.value;
    const action = write.value === null ? "value.delete" : "value.set";
    await appendAudit(tx, { actor: actor.id, action, target: `${namespace}/${key}`, details: { namespace, key, version }, source: actor.source });
    tx.hint({ on: "value", namespace, key, version });
    return outcome!;
  });
}

function refusal({ namespace, key, ifVersion, fence }: ValueWrite, { code, version, live }: Extract<ValueOutcome, { ok: false }>): TapeError {
  const name = `${namespace} / ${key}`;
  const details = { namespace, key, version, live };
  switch (code) {
    case "version_conflict": {
      const stands = version === 0 ? "was never written" : `${live ? "is" : "was deleted"} at version ${version}`;
      return new TapeError(code, `${name} ${stands}, ${ifVersion === undefined ? "and was to be written only if it is not live" : `not ${ifVersion}`}. Read it again, then write.`, details);
    }
    case "not_found":
      return new TapeError(code, version === 0 ? `There is no value ${name}.` : `${name} was deleted already, as version ${version}.`, details);
    case "lease_lost":
      return new TapeError(code, `Run ${fence?.runId} is not held by ${fence?.owner} any more: what it wrote to ${name} was not kept.`, { runId: fence?.runId, epoch: fence?.epoch });
  }
}
