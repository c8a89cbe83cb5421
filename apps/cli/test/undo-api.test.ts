import { effectFactory, gateFactory, journalOf, obligationFactory, runFactory, timerFactory, valueFactory, worldOf, worstObligations } from "@tape/core/testing";
import type { Entry } from "@tape/core";
import { afterEach, describe, expect, test } from "vitest";
import { startApi, type ApiStub, type Asked } from "./testing/api.ts";
import { startTape, tape as tapeIn, type Ended } from "./testing/tape.ts";

const NOW = "2026-11-24T10:00:00.000Z";
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

let api: ApiStub | undefined;
afterEach(() => api?.close());

const page = (items: unknown[]) => ({ items, nextCursor: null });
const journalPage = (entries: readonly Entry[]) => (one: Asked) => ({ status: 200, body: page(entries.filter(({ seq }) => seq > Number(one.query.fromSeq?.[0] ?? 0))) });
const serve = async (answers: Parameters<typeof startApi>[0]) => (api = await startApi({ "GET /api/v1/system": { serverTime: NOW }, ...answers }));
const tape = (...args: string[]): Promise<Ended> => tapeIn({ TAPE_URL: api?.url, TAPE_TOKEN: "secret" }, ...args);
const bodies = () => api?.asked.filter(({ method }) => method !== "GET").map(({ method, path, body }) => [`${method} ${path}`, body]);

describe("cancel", () => {
  test("says what still runs and since when; --wait follows it until it is settled", async () => {
    const entries = journalOf.cancelled({ until: "noticed" });
    const sentence = "Cancelled; worker 000B still runs wire since 09:59:20 UTC; it ends when the tool returns";
    const held = { ...runFactory.cancelling({ whyWaiting: [{ code: "cancelling", sentence }] }), settledAt: null };
    const settled = { ...held, ...runFactory.cancelled({ id: held.id, cancelReason: held.cancelReason }), seq: entries.length };
    let looks = 0;
    await serve({
      [`POST /api/v1/runs/${held.id}/cancel`]: held,
      [`GET /api/v1/runs/${held.id}/journal`]: journalPage(entries),
      [`GET /api/v1/runs/${held.id}`]: () => ({ status: 200, body: looks++ < 2 ? held : settled }),
    });
    const { code, out } = await tape("cancel", held.id, "--reason", "wrong month");
    expect(code).toBe(0);
    expect(out).toContain(sentence);
    expect(bodies()).toEqual([[`POST /api/v1/runs/${held.id}/cancel`, { reason: "wrong month" }]]);

    looks = 0;
    const waited = await tape("cancel", held.id, "--reason", "wrong month", "--wait");
    expect(waited).toMatchObject({ code: 0, out: expect.stringContaining("It is settled: no worker holds it.") });
    looks = 0;
    expect(JSON.parse((await tape("cancel", held.id, "--reason", "wrong month", "--wait", "--json")).out)).toMatchObject({ id: held.id, settledAt: settled.settledAt });
  });
});

describe("compensate", () => {
  const entries = journalOf.compensated();
  const done = worldOf(entries).run;
  const plan = { ...worldOf(journalOf.payBatch()).plan, runId: done.id };

  test("O8 --plan lists what would be undone, in order and with sums, and asks for nothing", async () => {
    await serve({ [`GET /api/v1/runs/${done.id}/compensation`]: plan });
    const { code, out } = await tape("compensate", done.id, "--plan");
    expect(code).toBe(0);
    expect(out.split("\n")[0]).toMatch(/^\d+ reversals?, newest first: [\d,.]+ EUR back/);
    const places = plan.items.map(({ obligation }) => out.indexOf(obligation.summary ?? obligation.kind));
    expect(places.every((place) => place > 0)).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    expect(JSON.parse((await tape("compensate", done.id, "--plan", "--json")).out)).toEqual(plan);
    expect(bodies()).toEqual([]);
  });

  test("shows the plan, asks for it, and prints the walk until it is over", async () => {
    const before = journalOf.payBatch().length;
    const asked = { ...runFactory.compensating(), id: done.id, seq: before + 1 };
    let looks = 0;
    await serve({
      [`GET /api/v1/runs/${done.id}/compensation`]: plan,
      [`POST /api/v1/runs/${done.id}/compensate`]: asked,
      [`GET /api/v1/runs/${done.id}`]: () => ({ status: 200, body: looks++ < 2 ? asked : done }),
      [`GET /api/v1/runs/${done.id}/journal`]: (one: Asked) => journalPage(looks < 3 ? entries.slice(0, before + 1) : entries)(one),
    });
    const { code, out } = await tape("compensate", done.id, "--reason", "paid twice");
    expect(code).toBe(0);
    expect(bodies()).toEqual([[`POST /api/v1/runs/${done.id}/compensate`, { reason: "paid twice" }]]);
    expect(out.trimEnd().endsWith(`${done.id} is compensated.`)).toBe(true);
    expect(out).toContain("Compensation asked for by");
    expect(out).toMatch(/^\d\d:\d\d:\d\d {2}undone {2}/m);
  });

  test("O5 a walk that gives up exits 2 and says what a person can do", async () => {
    const stuckEntries = journalOf.compensated({ stuckAt: 3 });
    const stuck = { ...worldOf(stuckEntries).run };
    await serve({
      [`GET /api/v1/runs/${stuck.id}/compensation`]: { ...worldOf(stuckEntries).plan, refusal: null, status: "COMPLETED" },
      [`POST /api/v1/runs/${stuck.id}/compensate`]: { ...stuck, status: "COMPENSATING" },
      [`GET /api/v1/runs/${stuck.id}`]: stuck,
      [`GET /api/v1/runs/${stuck.id}/journal`]: journalPage(stuckEntries),
    });
    const { code, out } = await tape("compensate", stuck.id, "--reason", "why");
    expect(code).toBe(2);
    expect(out).toMatch(/tape resolve obligation obl_\S+ --as retry\|done\|waived --reason <why>/);
  });

  test("a refusal is said before anything is asked for; --reason or --plan is needed; --no-wait does not wait", async () => {
    const refusal = "The run has not ended. Cancel it first, or wait until it ends.";
    await serve({
      "GET /api/v1/runs/run_live/compensation": { ...plan, runId: "run_live", status: "RUNNING", refusal },
      [`GET /api/v1/runs/${done.id}/compensation`]: plan,
      [`POST /api/v1/runs/${done.id}/compensate`]: runFactory.compensating({ id: done.id }),
    });
    expect(await tape("compensate", "run_live", "--reason", "why")).toEqual({ code: 1, out: "", err: `tape: ${refusal}\n` });
    expect(await tape("compensate", "run_live")).toMatchObject({ code: 64, err: expect.stringContaining("--plan to only look") });
    expect(bodies()).toEqual([]);
    expect(await tape("compensate", done.id, "--reason", "why", "--no-wait")).toMatchObject({ code: 0, out: expect.stringContaining(`tape tail ${done.id}`) });
  });

  test("the worst plan is printed, and commands no terminal", async () => {
    const worst = worstObligations().map((obligation) => ({ obligation, effect: effectFactory.confirmed(), hasWorker: false }));
    await serve({ [`GET /api/v1/runs/${done.id}/compensation`]: { ...plan, items: worst, unsettled: [effectFactory.unknown({ summary: "\u001b[2Jx" })], drivenBy: "wrk_\u009b1" } });
    const { code, out } = await tape("compensate", done.id, "--plan");
    expect(code).toBe(0);
    expect(out).not.toMatch(CONTROL);
    expect(out.trim().split("\n").length).toBeGreaterThan(worst.length);
  });
});

test("resolve obligation, gates extend, timers and values ask as the API has it", async () => {
  const obligation = obligationFactory.stuck();
  const gate = gateFactory.open();
  const value = valueFactory.live();
  const timer = timerFactory.armed();
  const { namespace, key } = value;
  await serve({
    [`POST /api/v1/obligations/${obligation.id}/resolution`]: obligationFactory.waived(),
    [`POST /api/v1/gates/${gate.id}/extension`]: gate,
    "GET /api/v1/runs/run_1/timers": page([timer]),
    "PUT /api/v1/runs/run_1/timers/soft": timer,
    "DELETE /api/v1/runs/run_1/timers/soft": timerFactory.cancelled(),
    [`PUT /api/v1/values/${namespace}/${key}`]: value,
    [`DELETE /api/v1/values/${namespace}/${key}`]: valueFactory.tombstone(),
    [`GET /api/v1/values/${namespace}/${key}`]: value,
    "GET /api/v1/values": (one: Asked) => ({ status: 200, body: page(one.query.namespace ? [value] : [{ namespace, keys: 1, at: value.at }]) }),
  });
  expect(await tape("resolve", "obligation", obligation.id, "--as", "waived", "--reason", "written off")).toMatchObject({ code: 0, out: expect.stringContaining("waived.") });
  expect((await tape("gates", "extend", gate.id, "--by", "1h", "--reason", "she is travelling")).code).toBe(0);
  expect((await tape("timers", "set", "run_1", "soft", "--kind", "redrive", "--in", "10m", "--payload", '{"a":1}')).code).toBe(0);
  expect((await tape("timers", "set", "run_1", "soft", "--kind", "redrive", "--at", "2026-12-01T08:00:00Z")).code).toBe(0);
  expect((await tape("timers", "cancel", "run_1", "soft")).out).toContain("cancelled.");
  expect((await tape("timers", "run_1")).out).toContain(timer.kind);
  expect((await tape("values", "set", namespace, key, '{"a":1}', "--if-version", "3")).out).toBe(`version ${value.version}\n`);
  expect((await tape("values", "set", namespace, key, "1", "--if-new")).code).toBe(0);
  expect((await tape("values", "delete", namespace, key)).out).toBe("version 4, deleted\n");
  expect(JSON.parse((await tape("values", "get", namespace, key)).out)).toEqual(value.value);
  expect(JSON.parse((await tape("values", "get", namespace, key, "--json")).out)).toEqual(value);
  expect((await tape("values", "list", namespace)).out).toContain(`v${value.version}`);
  expect((await tape("values", "list")).out).toContain(namespace);
  expect(bodies()).toEqual([
    [`POST /api/v1/obligations/${obligation.id}/resolution`, { outcome: "waived", reason: "written off" }],
    [`POST /api/v1/gates/${gate.id}/extension`, { forMs: 3_600_000, reason: "she is travelling" }],
    ["PUT /api/v1/runs/run_1/timers/soft", { kind: "redrive", inMs: 600_000, payload: { a: 1 } }],
    ["PUT /api/v1/runs/run_1/timers/soft", { kind: "redrive", fireAt: "2026-12-01T08:00:00.000Z" }],
    ["DELETE /api/v1/runs/run_1/timers/soft", undefined],
    [`PUT /api/v1/values/${namespace}/${key}`, { value: { a: 1 } }],
    [`PUT /api/v1/values/${namespace}/${key}`, { value: 1 }],
    [`DELETE /api/v1/values/${namespace}/${key}`, undefined],
  ]);
  const conditions = api?.asked.filter(({ method }) => method === "PUT").slice(2).map(({ headers }) => [headers["if-match"], headers["if-none-match"]]);
  expect(conditions).toEqual([['"3"', undefined], [undefined, "*"]]);
});

test("a value that is not there: 1, and whether it ever was", async () => {
  const none = () => ({ status: 404, body: { error: { code: "not_found", message: "There is no live value." } } });
  await serve({
    "GET /api/v1/values/ns/gone": none,
    "GET /api/v1/values/ns/gone/history": page([valueFactory.tombstone({ namespace: "ns", key: "gone" })]),
    "GET /api/v1/values/ns/never": none,
    "GET /api/v1/values/ns/never/history": page([]),
  });
  expect(await tape("values", "get", "ns", "gone")).toEqual({ code: 1, out: "", err: "tape: There is no value gone in ns: it was deleted, version 4.\n" });
  expect(await tape("values", "get", "ns", "never")).toEqual({ code: 1, out: "", err: "tape: There is no value never in ns.\n" });
});

describe("tail", () => {
  const entries = journalOf.payBatch();
  const done = worldOf(entries).run;

  test("follows a run in sentences until it has ended; --from; --json is entries as lines", async () => {
    let looks = 0;
    const growing = () => Math.min(entries.length, ++looks * 5);
    await serve({
      [`GET /api/v1/runs/${done.id}`]: () => {
        const seq = growing();
        return { status: 200, body: seq < entries.length ? { ...runFactory.running(), id: done.id, seq, settledAt: null } : done };
      },
      [`GET /api/v1/runs/${done.id}/journal`]: journalPage(entries),
    });
    const { code, out } = await tape("tail", done.id);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d\d:\d\d:\d\d {2}\w+ {2}\S/);
    expect(out).toContain("Completed");
    const lines = (await tape("tail", done.id, "--json", "--from", "3")).out.trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as Entry).seq)).toEqual(entries.slice(3).map(({ seq }) => seq));
    const late = (await tape("tail", done.id, "--from", String(entries.length - 1))).out;
    expect(late.trim().split("\n")).toHaveLength(1);
    expect((await tape("tail", done.id, "--from", String(entries.length))).out).toBe("");
    expect(await tape("tail", "--from", "3")).toMatchObject({ code: 64 });
  });

  test.each(Object.entries(journalOf).filter(([name]) => name !== "large"))("journal %s", async (_, journal) => {
    const worst = (journal as () => Entry[])();
    const run = runFactory.completed({ seq: worst.length });
    await serve({ [`GET /api/v1/runs/${run.id}`]: run, [`GET /api/v1/runs/${run.id}/journal`]: journalPage(worst) });
    const { code, out } = await tape("tail", run.id, "--all");
    expect(code).toBe(0);
    expect(out).not.toMatch(CONTROL);
    expect(out).not.toContain("undefined");
  });
});

describe("what goes on until Ctrl-C, from afar", () => {
  const variables = () => ({ TAPE_URL: api?.url, TAPE_TOKEN: "secret" });

  test("values watch prints each version once, over connections that end, and stops cleanly", async () => {
    const version = (n: number) => ({ ...valueFactory.live({ namespace: "ns", key: "k", version: n, value: { n } }), prevVersion: n - 1, prevValue: null, skipped: 0 });
    const stream = (one: Asked) => {
      const after = Number(one.query.fromVersion?.[0]);
      return { status: 200, body: [after + 1, after + 2].filter((n) => n <= 3).map((n) => `id: ${n}\nevent: value\ndata: ${JSON.stringify(version(n))}\n\n`).join("") };
    };
    await serve({ "GET /api/v1/values/ns/k/watch": stream });
    const watch = startTape(variables(), "values", "watch", "ns", "k", "--from", "0");
    await watch.until(/v3/);
    watch.child.kill("SIGINT");
    const { code, out, err } = await watch.ended;
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.trim().split("\n").map((line) => line.slice(10))).toEqual(['v1  {"n":1}', 'v2  {"n":2}', 'v3  {"n":3}']);
  });

  test("tail without a run asks again where no socket is, and prints what changed", async () => {
    const run = runFactory.waitingAtGate();
    let asked = 0;
    await serve({ "GET /api/v1/runs": () => ({ status: 200, body: page([asked++ === 0 ? run : { ...runFactory.completed(), id: run.id }]) }) });
    const tail = startTape(variables(), "tail");
    await tail.until(new RegExp(`${run.id} {2}.*completed`));
    tail.child.kill("SIGINT");
    expect(await tail.ended).toMatchObject({ code: 0, out: expect.not.stringContaining("waiting") });
  });
});
