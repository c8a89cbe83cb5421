import type { Entry, Gate } from "@tape/core";
import { agentFactory, effectFactory, gateFactory, journalOf, runFactory, runOfEveryStatus, worstEffects, worstGates, worstObligations, worstRuns } from "@tape/core/testing";
import { afterEach, describe, expect, test } from "vitest";
import { startApi, type ApiStub } from "./testing/api.ts";
import { tape as tapeIn, type Ended } from "./testing/tape.ts";

const NOW = "2026-11-24T10:00:00.000Z";
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
const STATUS = { runs: { WAITING: 1 }, openGates: 0, unknownEffects: 0, unsentEffects: 0, conflicts: 0, stuckRuns: 0, unsettledOutbox: 0, workers: 1 };

let api: ApiStub | undefined;
afterEach(() => api?.close());

const page = (items: unknown[]) => ({ items, nextCursor: null });
const serve = async (answers: Parameters<typeof startApi>[0] = {}) => {
  api = await startApi({
    "GET /api/v1/system": { ...STATUS, serverTime: NOW },
    "GET /api/v1/gates": page([]),
    "GET /api/v1/effects": page([]),
    "GET /api/v1/obligations": page([]),
    "GET /api/v1/runs": page([]),
    "GET /api/v1/agents": page([]),
    "GET /api/v1/workers": page([]),
    ...answers,
  });
  return api;
};
const tape = (...args: string[]): Promise<Ended> => tapeIn({ TAPE_URL: api?.url, TAPE_TOKEN: "secret" }, ...args);

describe("with TAPE_URL every command speaks to the API", () => {
  test("with the token, and the filters as the API has them", async () => {
    const { asked } = await serve({ "GET /api/v1/runs": page(runOfEveryStatus()) });
    const { code, out } = await tape("runs", "--status", "STUCK,WAITING", "--label", "batch=may", "--search", "run_", "--limit", "7");
    expect(code).toBe(0);
    expect(out.trim().split("\n")).toHaveLength(runOfEveryStatus().length + 1);
    expect(asked[0]).toMatchObject({ path: "/api/v1/runs", authorization: "Bearer secret", query: { status: ["STUCK", "WAITING"], label: ["batch:may"], q: ["run_"], limit: ["7"] } });
  });

  test("start sends the file in the field that takes it", async () => {
    const run = { ...runFactory.waitingAtGate(), resumed: false };
    const { asked } = await serve({ "POST /api/v1/runs": () => ({ status: 201, body: run }), "GET /api/v1/agents": page([agentFactory.ready()]) });
    expect(await tape("start", "pay-batch", "--file", "/dev/null", "--input", '{"account":"operating"}', "--invocation-id", "may")).toMatchObject({ code: 0 });
    expect(asked.at(-1)).toMatchObject({ method: "POST", body: { agent: "pay-batch", invocationId: "may", input: { account: "operating", file: "" } } });
  });

  test("start --wait follows the run to its end, and exits by how it ended", async () => {
    const waiting = runFactory.waitingAtGate();
    const ended = [runFactory.completed(), runFactory.failed()];
    for (const [place, run] of ended.entries()) {
      let asked = 0;
      await serve({
        "POST /api/v1/runs": { ...waiting, resumed: false },
        [`GET /api/v1/runs/${waiting.id}`]: () => {
          asked++;
          if (asked === 2) return { status: 503, body: { error: { code: "unavailable", message: "away" } } };
          return { status: 200, body: asked < 4 ? waiting : run };
        },
      });
      const { code, out, err } = await tape("start", "pay-batch", "--wait");
      expect(code).toBe(place);
      expect(out).toContain(place === 0 ? "completed" : "failed");
      expect(err).toContain("asking again");
      await api?.close();
    }
  });

  test("a decision carries the fingerprint of the card that was read", async () => {
    const gate = gateFactory.open();
    const { asked } = await serve({ [`GET /api/v1/gates/${gate.id}`]: gate, [`POST /api/v1/gates/${gate.id}/decision`]: gateFactory.approved({ id: gate.id }) });
    expect(await tape("approve", gate.id, "--comment", "go")).toMatchObject({ code: 0 });
    expect(asked.at(-1)?.body).toEqual({ outcome: "approved", comment: "go", fingerprint: gate.fingerprint });
  });

  test("signal, redrive, resolve and token create", async () => {
    const run = runFactory.waitingAtGate();
    const effect = effectFactory.unknown();
    const { asked } = await serve({
      [`POST /api/v1/runs/${run.id}/signals`]: {},
      [`POST /api/v1/runs/${run.id}/redrive`]: run,
      [`POST /api/v1/effects/${effect.id}/resolution`]: effect,
      "POST /api/v1/tokens": (one: { body: unknown }) => ({ status: 201, body: { ...(one.body as object), secret: "tape_x" } }),
    });
    expect((await tape("signal", run.id, "go", "[1]")).code).toBe(0);
    expect((await tape("redrive", run.id, "--reason", "why")).code).toBe(0);
    expect((await tape("resolve", "effect", effect.id, "--as", "retry", "--reason", "why")).code).toBe(0);
    expect((await tape("token", "create", "--name", "ci", "--role", "viewer", "--expires", "1d")).out).toBe("tape_x\n");
    expect(asked.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
      { name: "go", payload: [1] },
      { reason: "why" },
      { outcome: "retry", reason: "why" },
      { name: "ci", role: "viewer", expiresAt: "2026-11-25T10:00:00.000Z" },
    ]);
  });

  test("inspect says what is spent on models, and what is set aside for answers that have not come", async () => {
    const run = runFactory.waitingAtGate();
    await serve({ [`GET /api/v1/runs/${run.id}`]: { ...run, budget: { ...run.budget, spentMicroUsd: 20_000, reservedMicroUsd: 30_000 } }, [`GET /api/v1/runs/${run.id}/journal`]: page([]) });
    expect((await tape("inspect", run.id)).out).toMatch(/models 0\.02\d* USD · 0\.03\d* USD set aside/);
  });

  test("a journal of many pages is read whole", async () => {
    const run = runFactory.completed();
    const journal = journalOf.large(1200);
    await serve({
      [`GET /api/v1/runs/${run.id}`]: run,
      [`GET /api/v1/runs/${run.id}/journal`]: ({ query }: { query: Record<string, string[]> }) => {
        const from = Number(query.fromSeq?.[0]);
        const items = journal.slice(from, from + 500);
        return { status: 200, body: { items, nextCursor: from + 500 < journal.length ? String(from + 500) : null } };
      },
    });
    const { out } = await tape("inspect", run.id, "--json");
    expect((JSON.parse(out) as { journal: Entry[] }).journal.map(({ seq }) => seq)).toEqual(journal.map(({ seq }) => seq));
  });
});

describe("what goes wrong there is said here", () => {
  test.each([
    [401, "unauthenticated", 77],
    [403, "forbidden", 77],
    [404, "not_found", 1],
    [409, "already_decided", 1],
    [400, "invalid_input", 64],
    [413, "payload_too_large", 64],
    [429, "rate_limited", 69],
    [503, "unavailable", 69],
    [500, "internal", 70],
  ])("%i %s exits %i", async (status, code, exit) => {
    await serve({ "GET /api/v1/runs": () => ({ status, body: { error: { code, message: "It says why." } } }) });
    expect(await tape("runs")).toMatchObject({ code: exit, out: "", err: expect.stringContaining("tape: It says why.") });
  });

  test("something that is no Tape, and nothing at all", async () => {
    await serve({ "GET /api/v1/runs": () => ({ status: 502, body: "<html>" }) });
    expect((await tape("runs")).code).toBe(69);
    const { url } = await serve();
    await api?.close();
    expect(await tapeIn({ TAPE_URL: url, TAPE_TOKEN: "x" }, "status")).toMatchObject({ code: 69, err: expect.stringContaining(`TAPE_URL is ${url}`) });
  });

  test.each([["sign-in"], ["migrate"]])("%s needs the database itself", async (command) => {
    await serve();
    expect(await tape(command)).toMatchObject({ code: 64, err: expect.stringContaining("without TAPE_URL") });
  });
});

describe("the worst there can be is printed, and commands no terminal", () => {
  test("runs, gates, effects and obligations in lists and in status", async () => {
    await serve({
      "GET /api/v1/runs": page(worstRuns()),
      "GET /api/v1/gates": page(worstGates()),
      "GET /api/v1/effects": page(worstEffects()),
      "GET /api/v1/obligations": page(worstObligations()),
    });
    for (const args of [["runs"], ["gates"], ["status"], ["runs", "--json"], ["gates", "--json"], ["status", "--json"]]) {
      const { out, code } = await tape(...args);
      expect(code).toBe(args[0] === "status" ? 2 : 0);
      expect(args.includes("--json") ? out.replace(/[\u202a-\u202e]/g, "") : out).not.toMatch(CONTROL);
    }
  });

  test.each([...worstGates(), ...Object.values(gateFactory).map((make) => make())].map((gate) => [`${gate.name.slice(0, 40)} ${gate.status}`, gate] as [string, Gate]))("card %s", async (_, gate) => {
    await serve({ [`GET /api/v1/gates/${gate.id}`]: gate });
    const { code, out } = await tape("gates", gate.id);
    expect(code).toBe(0);
    expect(out).not.toMatch(CONTROL);
    expect(out.length).toBeGreaterThan(40);
  });

  test.each(Object.entries(journalOf).filter(([name]) => name !== "large"))("journal %s", async (_, journal) => {
    const run = runFactory.completed();
    await serve({ [`GET /api/v1/runs/${run.id}`]: run, [`GET /api/v1/runs/${run.id}/journal`]: page((journal as () => Entry[])()) });
    const { code, out } = await tape("inspect", run.id, "--all");
    expect(code).toBe(0);
    expect(out).not.toMatch(CONTROL);
  });
});
