import { TapeError, type StepHistory } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import type { LiveStep } from "../drive/step.ts";
import { toRecorded } from "../error/index.ts";

interface Call {
  name: string;
  fingerprint: string;
}

/**
 * What the store refused is the answer to the step: it is kept as a sample of the error, and thrown on every drive (D6).
 *
 * Two refusals are no answers. A driver whose run has left it (`lease_lost`: taken over, or cancelled) only records it:
 * the commit is refused too, and that ends the drive; the code is told nothing and never goes on. A step that was
 * aborted with its drive, or that failed for another reason, is asked again by the next driver.
 */
export function giveRefusal(live: LiveStep, { name, fingerprint }: Call, refusal: unknown): void {
  if (live.signal.aborted) return;
  if (!TapeError.is(refusal) || refusal.code === "unavailable") throw refusal;
  const error = toRecorded(refusal);
  const record: DriverRecord = { happening: { kind: "run", verb: "sampled", payload: { key: live.key, name, fingerprint, value: null, error } } };
  if (refusal.code === "lease_lost") void live.record(record).then(() => live.again());
  else live.give({ ok: false, error }, [record]);
}

/** Is this the record of such a refusal? */
export function isRefusal(recorded: StepHistory, { name, fingerprint }: Call): boolean {
  return recorded.kind === "sample" && recorded.name === name && recorded.fingerprint === fingerprint && recorded.outcome?.ok === false;
}
