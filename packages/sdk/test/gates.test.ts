import { decideGate, fireDueTimers, getRun, listGates, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTape, GateTimeout, type AgentDefinition, type GateRejected } from "../src/index.ts";
import { driveOnce, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const approver = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;

async function start(agent: AgentDefinition): Promise<string> {
  const { run } = await startRun(world.store, { app: agent.app, agent: agent.name, input: {}, startedBy: "test" });
  return run.id;
}
const output = async (id: string): Promise<unknown> => (await getRun(world.store, { id })).output;
const gateOf = async (runId: string, name: string) => (await listGates(world.store, { runId })).items.find((gate) => gate.name === name)!;

/** Nobody decides: the deadline passes. */
async function timeOut(): Promise<void> {
  await expect.poll(async () => (await fireDueTimers(world.store, { limit: 10 })).fired).toBeGreaterThan(0);
}
async function decide(runId: string, name: string, outcome: "approved" | "rejected", comment?: string): Promise<void> {
  const { id, fingerprint } = await gateOf(runId, name);
  await decideGate(world.store, { id, outcome, fingerprint, actor: approver, ...(comment && { comment }) });
}

test("G3 nobody decides in time: GateTimeout, and a late approval is refused with what stands", async () => {
  const tape = createTape({ app: "g3" });
  const cfo = tape.gateTool("cfo", { timeoutMs: 60 });
  const agent = tape.agent("asking", async (run) => {
    try {
      return await cfo(run, {});
    } catch (error) {
      return error instanceof GateTimeout && [error.gate, error.decision.outcome, error.decision.decidedBy];
    }
  });
  const id = await start(agent);
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  await timeOut();
  expect(await driveOnce(world, agent)).toEqual({ status: "ended", as: "COMPLETED" });
  expect(await output(id)).toEqual(["cfo", "timed_out", null]);
  await expect(decide(id, "cfo", "approved")).rejects.toMatchObject({ code: "already_decided", details: { outcome: "timed_out" } });
});

test("G3 a timeout is escalated to a backup approver, by hand and by onTimeout, with the same payload", async () => {
  for (const how of ["by hand", "onTimeout"] as const) {
    const tape = createTape({ app: `g3-${how.replace(" ", "-")}` });
    const backup = tape.gateTool<{ total: number }>("backup", { assignees: ["role:approver"] });
    const cfo = tape.gateTool<{ total: number }>("cfo", { timeoutMs: 60, ...(how === "onTimeout" && { onTimeout: backup }) });
    const agent = tape.agent("escalating", async (run) => {
      const plan = { total: 12 };
      const approval =
        how === "onTimeout"
          ? await cfo(run, plan)
          : await cfo(run, plan).catch((error: unknown) => {
              if (error instanceof GateTimeout) return backup(run, plan);
              throw error;
            });
      return [approval.outcome, approval.decidedBy, approval.comment];
    });
    const id = await start(agent);
    await driveOnce(world, agent);
    await timeOut();
    expect(await driveOnce(world, agent), how).toMatchObject({ status: "parked" });
    expect(await gateOf(id, "backup")).toMatchObject({ status: "OPEN" });
    await expect(decide(id, "cfo", "approved"), how).rejects.toMatchObject({ code: "already_decided" });
    await decide(id, "backup", "approved", "for Ann");
    expect(await driveOnce(world, agent), how).toEqual({ status: "ended", as: "COMPLETED" });
    expect(await output(id), how).toEqual(["approved", "user:ann@example.com", "for Ann"]);
  }
});

test("G3 an escalation answers as its last gate does: a rejection and a second timeout are thrown under its name", async () => {
  const tape = createTape({ app: "g3-chain" });
  const board = tape.gateTool("board", { timeoutMs: 60 });
  const backup = tape.gateTool("backup", { timeoutMs: 60, onTimeout: board });
  const cfo = tape.gateTool("cfo", { timeoutMs: 60, onTimeout: backup });
  const agent = tape.agent("escalating", async (run) => {
    try {
      return await cfo(run, { n: 1 });
    } catch (error) {
      return [(error as Error).name, (error as GateTimeout | GateRejected).gate];
    }
  });
  const [rejected, late] = [await start(agent), await start(agent)];
  await driveOnce(world, agent);
  await driveOnce(world, agent);
  for (let open = 0; open < 2; open++) {
    while ((await getRun(world.store, { id: rejected })).status === "WAITING" || (await getRun(world.store, { id: late })).status === "WAITING") await timeOut();
    await driveOnce(world, agent);
    await driveOnce(world, agent);
  }
  await decide(rejected, "board", "rejected");
  while ((await getRun(world.store, { id: late })).status === "WAITING") await timeOut();
  await driveOnce(world, agent);
  await driveOnce(world, agent);
  expect(await output(rejected)).toEqual(["GateRejected", "board"]);
  expect(await output(late)).toEqual(["GateTimeout", "board"]);
});

test("a gate may give its timeout back as the decision", async () => {
  const tape = createTape({ app: "g3-return" });
  const cfo = tape.gateTool("cfo", { timeoutMs: 60, onTimeout: "return" });
  const agent = tape.agent("asking", async (run) => (await cfo(run, {})).outcome);
  const id = await start(agent);
  await driveOnce(world, agent);
  await timeOut();
  await driveOnce(world, agent);
  expect(await output(id)).toBe("timed_out");
});

test("a gate is refused for another onTimeout than these", () => {
  const tape = createTape({ app: "g3-define" });
  const wrong = { onTimeout: "retry" } as unknown as { onTimeout: "throw" };
  expect(() => tape.gateTool("cfo", wrong)).toThrow(/onTimeout/);
});
