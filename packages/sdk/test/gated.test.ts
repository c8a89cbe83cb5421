import { decideGate, getRun, listEffects, listGates, readJournal, startRun } from "@tape/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTape, type Tape } from "../src/index.ts";
import { driveOnce, openWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const ann = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;

async function askWire(app: string, agentOf: (tape: Tape, wired: unknown[]) => ReturnType<Tape["agent"]>) {
  const tape = createTape({ app });
  const wired: unknown[] = [];
  const agent = agentOf(tape, wired);
  const { run } = await startRun(world.store, { app, agent: agent.name, input: {}, startedBy: "test" });
  expect(await driveOnce(world, agent)).toMatchObject({ status: "parked" });
  const gate = (await listGates(world.store, { status: "OPEN" })).items.find(({ runId }) => runId === run.id)!;
  const decide = async (outcome: "approved" | "rejected") => {
    await decideGate(world.store, { id: gate.id, outcome, fingerprint: gate.fingerprint, actor: ann });
    await driveOnce(world, agent);
    return await getRun(world.store, { id: run.id });
  };
  return { id: run.id, gate, wired, decide };
}

const gatedWire = (tape: Tape, wired: unknown[]) => {
  const gate = tape.gateTool<{ to: string; cents: number }>("release");
  return tape.effect<{ to: string; cents: number }, string>("wire", { gate }, (_ctx, input) => {
    wired.push(input);
    return "W1";
  });
};

test("a tool with a gate shows its arguments, and what was approved is what runs, whatever the code does to its object meanwhile", async () => {
  const { id, gate, wired, decide } = await askWire("gated", (tape, done) => {
    const wire = gatedWire(tape, done);
    return tape.agent("gated", async (run) => {
      const input = { to: "Acme", cents: 100 };
      const paid = wire(run, input);
      input.cents = 1_000_000;
      return paid;
    });
  });
  expect(gate.payload).toEqual({ to: "Acme", cents: 100 });
  expect(wired).toEqual([]);
  expect(await decide("approved")).toMatchObject({ status: "COMPLETED", output: "W1" });
  expect(wired).toEqual([{ to: "Acme", cents: 100 }]);
  const intended = (await readJournal(world.store, { runId: id, limit: 100 })).items.find(({ verb }) => verb === "intended");
  expect(intended?.payload).toMatchObject({ gateId: gate.id, request: { to: "Acme", cents: 100 } });
});

test("a rejection is thrown to whoever called the tool, and nothing is intended", async () => {
  const { id, wired, decide } = await askWire("gated-no", (tape, done) => {
    const wire = gatedWire(tape, done);
    return tape.agent("gated-no", (run) => wire(run, { to: "Acme", cents: 100 }));
  });
  expect(await decide("rejected")).toMatchObject({ status: "FAILED", error: { name: "GateRejected" } });
  expect([wired, (await listEffects(world.store, { runId: id })).items]).toEqual([[], []]);
});
