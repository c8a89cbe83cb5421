import { TapeError, type Value } from "@tape/core";
import type * as store from "@tape/store";
import { requireRole, serializeExactly, type Actor, type ValueWrite } from "@tape/store";
import { appendAudit, isPerson } from "../audit.ts";
import type { Model } from "../model.ts";
import { assertText, invalidField } from "../text.ts";
import type { VerbOf } from "../verb.ts";
import { assertValueName } from "./name.ts";
import { writeValues } from "./write.ts";

export const setValue: VerbOf<typeof store.setValue> = (model, { value, actor, ...write }) => {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") throw invalidField("value", "a value is required");
  return change(model, { ...write, value: serializeExactly(value, "value") }, actor);
};

/** Makes a live value a tombstone, which is its next version; a later write makes it live again. */
export const deleteValue: VerbOf<typeof store.deleteValue> = (model, { actor, ...write }) => change(model, { ...write, value: null }, actor);

function change(model: Model, write: ValueWrite, actor: Actor | undefined): Value {
  check(write);
  if (actor) requireRole(actor, "operator", "write a value");
  const { namespace, key, fence } = write;
  const outcome = writeValues(model, [write])[0]!;
  if (!outcome.ok) {
    const { code, version, live } = outcome;
    const details = code === "lease_lost" ? { runId: fence?.runId, epoch: fence?.epoch } : { namespace, key, version, live };
    throw new TapeError(code, `${namespace} / ${key} is at version ${version}${live ? "" : ", not live"}.`, details);
  }
  if (outcome.written) tell(model, outcome.value, actor);
  return outcome.value;
}

function check({ namespace, key, ifVersion, writer, step }: ValueWrite): void {
  assertValueName(namespace, key);
  assertText(writer, "writer");
  if (step !== undefined) assertText(step, "step", { max: 2_000 });
  if (ifVersion !== undefined && !(Number.isSafeInteger(ifVersion) && ifVersion >= 0)) throw invalidField("ifVersion", "must be a version");
}

/** A person's writes are audited, without the value. */
function tell(model: Model, { namespace, key, version, deleted }: Value, actor: Actor | undefined): void {
  if (isPerson(actor)) {
    appendAudit(model, { actor: actor.id, action: deleted ? "value.delete" : "value.set", target: `${namespace}/${key}`, details: { namespace, key, version } });
  }
  model.hints.push({ on: "value", namespace, key, version });
}
