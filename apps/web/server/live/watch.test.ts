import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { decideGate } from "@tape/store";
import { actors, makeGate, makeRun } from "@tape/store/testing";
import { grow } from "../testing/journal.ts";
import { answered, type LiveClient } from "../testing/socket.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
let token: string;
beforeAll(async () => {
  world = await createWorld();
  token = await world.token("viewer");
});
afterAll(() => world.stop());

/** Every `seq` from `first` to `last`, each once and in order. */
const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const seqs = (client: LiveClient) => client.entries.map((entry) => entry.seq);
const watchRun = async (client: LiveClient, runId: string, fromSeq: number) => answered(await client.socket.emitWithAck("watchRun", { runId, fromSeq }));

test("L1 a browser that was away converges from its seq, without a duplicate", async () => {
  const run = await makeRun(world.store);
  const before = await world.sockets.connect({ token });
  await watchRun(before, run.id, 0);
  await grow(world.store, run.id, 20, 1);
  await vi.waitFor(() => expect(seqs(before)).toEqual(range(1, 21)));
  before.socket.disconnect();

  await grow(world.store, run.id, 300, 7);
  const after = await world.sockets.connect({ token });
  const answer = await watchRun(after, run.id, before.entries.at(-1)!.seq);
  expect(answer).toMatchObject({ seq: 321, run: { id: run.id, seq: 321 } });
  await grow(world.store, run.id, 10, 1);
  await vi.waitFor(() => expect(after.entries.at(-1)?.seq).toBe(331));
  expect([...seqs(before), ...seqs(after)]).toEqual(range(1, 331));
});

test("late joiners while a journal grows fast get everything once and in order", async () => {
  const run = await makeRun(world.store);
  await grow(world.store, run.id, 1200);
  const growing = grow(world.store, run.id, 400, 3);
  const clients = await Promise.all(
    range(0, 7).map(async (n) => {
      await new Promise((resolve) => setTimeout(resolve, n * 15));
      const client = await world.sockets.connect({ token });
      await watchRun(client, run.id, n * 150);
      return client;
    }),
  );
  await growing;
  await vi.waitFor(() => clients.forEach((client) => expect(client.entries.at(-1)?.seq).toBe(1601)), { timeout: 10_000 });
  clients.forEach((client, n) => expect(seqs(client)).toEqual(range(n * 150 + 1, 1601)));
});

test("a watched run is told when its row changes, and a list hears of what matches and what no longer does", async () => {
  const client = await world.sockets.connect({ token });
  const run = await makeRun(world.store, { agent: "watched", status: "WAITING" });
  await watchRun(client, run.id, 0);
  answered(await client.socket.emitWithAck("watchRuns", { filter: { agent: "watched", status: ["WAITING"] } }));
  const other = await world.ask("operator", "POST", "/api/v1/runs", { agent: "elsewhere" });
  const redriven = await world.ask("operator", "POST", `/api/v1/runs/${run.id}/redrive`, { reason: "try again" });
  expect(redriven.status).toBe(200);
  await vi.waitFor(() => expect(client.removed).toContain(run.id));
  await vi.waitFor(() => expect(client.runs.at(-1)).toMatchObject({ id: run.id, status: "RUNNABLE" }));
  expect(client.upserts.map((row) => row.id)).not.toContain(other.body["id"]);

  const everything = await world.sockets.connect({ token });
  answered(await everything.socket.emitWithAck("watchRuns", {}));
  const started = await world.ask("operator", "POST", "/api/v1/runs", { agent: "watched" });
  await vi.waitFor(() => expect(everything.upserts.map((row) => row.id)).toContain(started.body["id"]));
});

test("the inbox begins with what is open, and hears of gates that come and go", async () => {
  const run = await makeRun(world.store);
  const first = await makeGate(world.store, run.id, { name: "first" });
  const client = await world.sockets.connect({ token });
  const inbox = answered(await client.socket.emitWithAck("watchInbox", {}));
  expect(inbox.gates.map((gate) => gate.id)).toContain(first.id);

  const second = await makeGate(world.store, run.id, { name: "second" });
  await vi.waitFor(() => expect(client.gates.at(-1)).toMatchObject({ id: second.id, status: "OPEN" }));
  expect(client.openCounts.at(-1)).toBe(inbox.openCount + 1);

  await decideGate(world.store, { id: first.id, outcome: "approved", fingerprint: first.fingerprint, actor: actors.approver });
  await vi.waitFor(() => expect(client.gates.findLast((gate) => gate.id === first.id)).toMatchObject({ status: "DECIDED", outcome: "approved" }));
  await vi.waitFor(() => expect(client.openCounts.at(-1)).toBe(inbox.openCount));
});

test("after unwatch nothing more is told", async () => {
  const run = await makeRun(world.store);
  const client = await world.sockets.connect({ token });
  const { watchId } = await watchRun(client, run.id, 0);
  await vi.waitFor(() => expect(seqs(client)).toEqual([1]));
  expect(answered(await client.socket.emitWithAck("unwatch", { watchId }))).toEqual({ watchId });
  await grow(world.store, run.id, 5);
  const witness = await world.sockets.connect({ token });
  await watchRun(witness, run.id, 0);
  await vi.waitFor(() => expect(seqs(witness)).toEqual(range(1, 6)));
  expect(seqs(client)).toEqual([1]);
});

test("bad questions are acknowledged with what is wrong", async () => {
  const client = await world.sockets.connect({ token });
  const ask = async (event: string, ...args: unknown[]) => (await (client.socket as unknown as { emitWithAck(...all: unknown[]): Promise<unknown> }).emitWithAck(event, ...args)) as unknown;
  expect(await ask("watchRun", { runId: "run_01ARZ3NDEKTSV4RRFFQ69G5FAV", fromSeq: 0 })).toMatchObject({ error: { code: "not_found" } });
  expect(await ask("watchRun", { runId: "x", fromSeq: -1 })).toMatchObject({ error: { code: "invalid_input" } });
  expect(await ask("watchRun", null)).toMatchObject({ error: { code: "invalid_input" } });
  expect(await ask("watchRuns", { filter: { status: ["BROKEN"] } })).toMatchObject({ error: { code: "invalid_input" } });
  expect(await ask("unwatch", "x")).toMatchObject({ error: { code: "invalid_input" } });
  (client.socket as unknown as { emit(event: string, ...args: unknown[]): void }).emit("watchRun", { runId: "x" });
  expect(client.socket.connected).toBe(true);
});

test("L4 a click on one server moves the screens of another", async () => {
  const other = await world.anotherServer();
  const run = await makeRun(world.store);
  const gate = await makeGate(world.store, run.id);
  const [here, there] = await Promise.all([world.sockets.connect({ token }), world.sockets.connect({ token, url: other.url })]);
  for (const client of [here, there]) {
    await watchRun(client, run.id, 0);
    answered(await client.socket.emitWithAck("watchInbox", {}));
  }
  const decided = await world.ask("approver", "POST", `/api/v1/gates/${gate.id}/decision`, { outcome: "rejected", fingerprint: gate.fingerprint });
  expect(decided.status).toBe(200);
  for (const client of [here, there]) {
    await vi.waitFor(() => expect(client.gates.findLast((told) => told.id === gate.id)).toMatchObject({ outcome: "rejected" }));
    await vi.waitFor(() => expect(client.entries.at(-1)).toMatchObject({ kind: "gate", verb: "decided" }));
  }
});
