import { newId } from "@tape/core";
import type { Advance, Writer } from "./write.ts";

const OWNER = newId("wrk");
/** As long as a real one, and the same for all: nothing is computed or compared here. */
const FINGERPRINT = "2bfd14f43d17fc7cea24e0917a8879b4b2f880b8baeec1b9d90fbaad655e71bd";

interface Step {
  id: string;
  key: string;
  n: number;
}

/**
 * Writes what Tape writes for a run of so many steps, and nothing besides: the rows of the run, its effects, its entries
 * and their bodies. There is no agent code, no validation, no replay, no hint, and no claim of its own: the run begins
 * under its first lease.
 */
export async function writeRun(writer: Writer, steps: number): Promise<void> {
  const runId = newId("run");
  const agent = { agent: "raw", version: null, invocationId: runId, input: { steps }, labels: {}, startedBy: "sdk:bench" };
  const claim = { owner: OWNER, epoch: 1, version: null, taken: "runnable", previousOwner: null };
  await writer.start({ run_id: runId, fingerprint: FINGERPRINT, owner: OWNER, started: JSON.stringify(agent), claimed: JSON.stringify(claim) });

  let recorded = 0;
  let before: Step | undefined;
  for (let n = 1; n <= steps + 1; n++) {
    const next = n <= steps ? { id: newId("eff"), key: `${runId}//d0/step/${n}`, n } : undefined;
    const records = (before ? 1 : 0) + 1;
    await writer.advance({ run_id: runId, owner: OWNER, epoch: 1, recorded, records, ...outcomeOf(before), ...intentOf(next), ending: next ? null : JSON.stringify({ output: steps }) });
    recorded += records;
    before = next;
  }
}

function outcomeOf(step: Step | undefined): Pick<Advance, "outcome_key" | "outcome_id" | "outcome"> {
  if (!step) return { outcome_key: null, outcome_id: null, outcome: null };
  const { id, key, n } = step;
  return { outcome_key: key, outcome_id: id, outcome: JSON.stringify({ effectId: id, key, by: "driver", result: { n }, durationMs: 0 }) };
}

function intentOf(step: Step | undefined): Pick<Advance, "intent_key" | "intent_id" | "fingerprint" | "intent"> {
  if (!step) return { intent_key: null, intent_id: null, fingerprint: null, intent: null };
  const { id, key, n } = step;
  const intended = { effectId: id, key, tool: "step", request: { n }, fingerprint: FINGERPRINT, semantics: "IDEMPOTENT", dispatch: "INLINE" };
  return { intent_key: key, intent_id: id, fingerprint: FINGERPRINT, intent: JSON.stringify(intended) };
}
