import { TapeError, type StepHistory } from "@tape/core";
import type { LiveStep } from "../drive/step.ts";
import { toRecorded } from "../error/index.ts";

interface Call {
  name: string;
  fingerprint: string;
}

/**
 * What the store refused is the answer to the step: it is kept as a sample of the error, and thrown on every drive (D6).
 * A database that is away is no answer.
 */
export function giveRefusal(live: LiveStep, { name, fingerprint }: Call, refusal: unknown): void {
  if (!TapeError.is(refusal) || refusal.code === "unavailable") throw refusal;
  const error = toRecorded(refusal);
  live.give({ ok: false, error }, [{ happening: { kind: "run", verb: "sampled", payload: { key: live.key, name, fingerprint, value: null, error } } }]);
}

/** Is this the record of such a refusal? */
export function isRefusal(recorded: StepHistory, { name, fingerprint }: Call): boolean {
  return recorded.kind === "sample" && recorded.name === name && recorded.fingerprint === fingerprint && recorded.outcome?.ok === false;
}
