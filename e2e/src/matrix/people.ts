import { compensateRun, decideGate, getRun, listEffects, listGates, resolveEffect, sendSignal } from "@tape/store";
import type { System } from "../system.ts";
import { until } from "../until.ts";

const ann = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;
const olga = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;

/**
 * All that people do for one run of `every`: they approve, send the signal, say "send it" of what only they may, ask for
 * compensation once it is completed, and wait for its end. They know nothing of who died.
 */
export async function actForPeople({ store }: System, runId: string, deadlineMs: number): Promise<void> {
  await until(`${runId} is compensated`, async () => {
    const run = await getRun(store, { id: runId });
    if (run.status === "COMPENSATED") return true;
    if (run.status === "STUCK" || run.status === "FAILED") throw new Error(`it is ${run.status}: ${JSON.stringify(run.error ?? run.whyWaiting)}`);
    if (run.status === "COMPLETED") await compensateRun(store, { id: runId, reason: "to see it undone", actor: olga });
    if (run.status !== "WAITING") return false;
    for (const gate of (await listGates(store, { status: "OPEN", runId, limit: 10 })).items) {
      await decideGate(store, { id: gate.id, outcome: "approved", fingerprint: gate.fingerprint, comment: "go on", actor: ann });
    }
    if (run.whyWaiting.some(({ sentence }) => sentence.includes("go"))) await sendGo({ store }, runId);
    for (const effect of (await listEffects(store, { runId, limit: 100 })).items) {
      if (effect.status === "UNKNOWN" && effect.needsPerson) await resolveEffect(store, { id: effect.id, outcome: "retry", reason: "it is not at the counterparty", actor: olga });
    }
    return false;
  }, deadlineMs);
}

async function sendGo({ store }: Pick<System, "store">, runId: string): Promise<void> {
  await sendSignal(store, { runId, name: "go", payload: { said: "go" }, by: olga.id, idempotencyKey: `go ${runId}` });
}
