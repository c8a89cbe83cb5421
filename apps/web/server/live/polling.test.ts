import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { setValue } from "@tape/store";
import { makeGate, makeRun } from "@tape/store/testing";
import { grow } from "../testing/journal.ts";
import { createProxy, type Proxy } from "../testing/proxy.ts";
import { answered } from "../testing/socket.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
let proxy: Proxy;
beforeAll(async () => {
  world = await createWorld({ listenUrl: async (url) => (proxy = await createProxy(url)).url });
});
afterAll(async () => {
  await world.stop();
  proxy.close();
});

test("L2 with the NOTIFY connection dropped the screens converge by polling, then recover", async () => {
  const client = await world.sockets.connect({ token: await world.token("viewer") });
  const run = await makeRun(world.store, { agent: "polled" });
  const gate = await makeGate(world.store, run.id, { name: "first" });
  answered(await client.socket.emitWithAck("watchRun", { runId: run.id, fromSeq: 0 }));
  answered(await client.socket.emitWithAck("watchRuns", { filter: { agent: "polled" } }));
  answered(await client.socket.emitWithAck("watchInbox", {}));
  answered(await client.socket.emitWithAck("watchValue", { namespace: `runs/${run.id}`, key: "progress", fromVersion: 0 }));
  const grown = async (by: number, withinMs: number) => {
    const length = client.entries.length;
    await grow(world.store, run.id, by, 5);
    await vi.waitFor(() => expect(client.entries).toHaveLength(length + by), { timeout: withinMs });
  };
  await vi.waitFor(() => expect(client.entries).toHaveLength(2));
  // Faster than any poll: hints are heard.
  await vi.waitFor(() => grown(1, 500), { timeout: 5_000 });

  proxy.cut();
  await grown(50, 5_000);
  const second = await makeGate(world.store, run.id, { name: "second" });
  const decided = await world.ask("approver", "POST", `/api/v1/gates/${gate.id}/decision`, { outcome: "approved", fingerprint: gate.fingerprint });
  const started = await world.ask("operator", "POST", "/api/v1/runs", { agent: "polled" });
  expect([decided.status, started.status]).toEqual([200, 201]);
  for (const done of [1, 2, 3]) await setValue(world.store, { namespace: `runs/${run.id}`, key: "progress", value: { done, total: 3 }, writer: "test" });
  await vi.waitFor(
    () => {
      expect(client.entries.at(-1)).toMatchObject({ kind: "gate", verb: "decided" });
      expect(client.runs.at(-1)?.seq).toBe(client.entries.length);
      expect(client.gates.findLast((told) => told.id === second.id)).toMatchObject({ status: "OPEN" });
      expect(client.gates.findLast((told) => told.id === gate.id)).toMatchObject({ outcome: "approved" });
      expect(client.upserts.map((row) => row.id)).toContain(started.body["id"]);
      expect(client.values.map(({ version }) => version)).toEqual([1, 2, 3]);
      expect(client.runs.at(-1)?.progress).toEqual({ done: 3, total: 3 });
    },
    { timeout: 6_000 },
  );

  proxy.mend();
  await vi.waitFor(() => grown(1, 500), { timeout: 15_000 });
  const seqs = client.entries.map((entry) => entry.seq);
  expect(seqs).toEqual(seqs.map((_, n) => n + 1));
});
