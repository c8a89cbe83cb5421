import type { Effect, RunStatus } from "@tape/core";
import { getRun, listEffects, listGates, startRun } from "@tape/store";
import type { StepsInput } from "../agents/steps.ts";
import type { System } from "./system.ts";
import { until } from "./until.ts";

/** Starts a run of one of the agents of these tests. @returns its id */
export async function startTestRun({ store }: System, agent: string, input: unknown, startedBy = "user:sam@example.com"): Promise<string> {
  return (await startRun(store, { app: "e2e", agent, input, startedBy })).run.id;
}

export const startSteps = (system: System, input: StepsInput): Promise<string> => startTestRun(system, "steps", input);

/** Starts a batch of the demo. @returns its id */
export async function startBatch({ store }: System, csv: string, options: { limit?: string; delayMs?: number; file?: string } = {}): Promise<string> {
  const { limit, ...rest } = options;
  const input = { csv, ...rest, ...(limit !== undefined && { limit: { amount: limit, currency: "EUR" } }) };
  return (await startRun(store, { app: "treasury", agent: "pay-batch", input, startedBy: "user:sam@example.com" })).run.id;
}

/** Waits until the run is in this status. */
export async function untilStatus({ store }: System, id: string, status: RunStatus, deadlineMs = 30_000): Promise<void> {
  await until(`${id} is ${status}`, async () => (await getRun(store, { id })).status === status, deadlineMs);
}

/** Waits until the last driver of a cancelled run has left it. */
export async function untilSettled({ store }: System, id: string): Promise<void> {
  await until(`${id} is settled`, async () => (await getRun(store, { id })).settledAt);
}

/** The run's open gates, once there are so many. */
export async function openGates({ store }: System, runId: string, count = 1) {
  return await until(`${runId} has ${count} open gates`, async () => {
    const gates = (await listGates(store, { status: "OPEN", limit: 200 })).items.filter((gate) => gate.runId === runId);
    return gates.length === count && gates;
  });
}

/** The run's only open gate, once it is open. */
export async function openGate(system: System, runId: string) {
  const [gate] = await openGates(system, runId);
  if (!gate) throw new Error(`${runId} has no open gate`);
  return gate;
}

/** The run's wires, however many pages they take. */
export async function wiresOf({ store }: System, runId: string): Promise<Effect[]> {
  const found: Effect[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listEffects(store, { runId, limit: 200, ...(cursor && { cursor }) });
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  return found.filter(({ tool }) => tool === "wire");
}
