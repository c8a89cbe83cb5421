import { errorBody } from "@tape/core";
import { almost, rubbishRuns, rubbishValue, type JsonSchema } from "@tape/core/testing/rubbish";
import { setValue } from "@tape/store";
import { actors, readStoredRows } from "@tape/store/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { answered, type LiveClient } from "../testing/socket.ts";
import { makeScenery, type Scenery } from "../testing/scenery.ts";
import { createWorld, type World } from "../testing/world.ts";

let world: World;
let scenery: Scenery;
let token: string;
beforeAll(async () => {
  world = await createWorld();
  scenery = await makeScenery(world);
  token = await world.token("viewer");
});
afterAll(() => world.stop());

const EVENTS = ["watchRun", "watchRuns", "watchInbox", "watchValue", "unwatch"] as const;
type Event = (typeof EVENTS)[number];

/** A socket as somebody without our types has it. */
interface AnySocket {
  emit(event: string, ...args: unknown[]): void;
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> };
}
const anyOf = ({ socket }: LiveClient) => socket as unknown as AnySocket;
const ask = (client: LiveClient, event: string, ...args: unknown[]) => anyOf(client).timeout(10_000).emitWithAck(event, ...args);

/** What a client can send: what is no JSON for its parser never leaves it. */
const sendable = rubbishValue.filter((value) => {
  try {
    JSON.stringify(value);
    return typeof value !== "function" && !(value instanceof Uint8Array);
  } catch {
    return false;
  }
});

/** A request that almost fits. */
function requestOf(event: Event): fc.Arbitrary<unknown> {
  const text = { type: "string" };
  const number = { type: "integer", minimum: 0 };
  const words = [...scenery.ids["runs"]!, ...scenery.names["namespace"]!, ...scenery.names["key"]!];
  const filter = { type: "object", properties: { status: { type: "array", items: { enum: ["RUNNABLE", "STUCK"] } }, agent: text, label: text, q: text, since: { ...text, format: "date-time" } } };
  const shapes: Record<Event, Record<string, JsonSchema>> = {
    watchRun: { runId: text, fromSeq: number },
    watchRuns: { filter },
    watchInbox: {},
    watchValue: { namespace: text, key: text, fromVersion: number },
    unwatch: { watchId: text },
  };
  const properties = shapes[event];
  return almost({ type: "object", properties, required: Object.keys(properties) }, words);
}

interface Ask {
  event: Event;
  args: unknown[];
}

function asks(): fc.Arbitrary<Ask> {
  return fc.constantFrom(...EVENTS).chain((event) =>
    fc
      .oneof({ weight: 4, arbitrary: requestOf(event).map((request) => [request]) }, { weight: 1, arbitrary: fc.array(sendable, { maxLength: 3 }) }, { weight: 1, arbitrary: fc.tuple(requestOf(event), sendable) })
      .map((args) => ({ event, args })),
  );
}

/** A watch or a refusal of ours, one or the other. */
function judge(answer: unknown): "accepted" | "refused" {
  const refusal = errorBody.safeParse(answer);
  if (!refusal.success) {
    expect(answer).toMatchObject({ watchId: expect.any(String) as string });
    return "accepted";
  }
  expect(refusal.data.error.code).not.toBe("internal");
  expect(refusal.data.error.message).not.toBe("");
  return "refused";
}

test("L3 rubbish in every event of a socket is acknowledged with a code, stores nothing and ends nothing", async () => {
  const client = await world.sockets.connect({ token });
  const stored = await readStoredRows(world.store);
  const judged = { accepted: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(asks(), async ({ event, args }) => {
      const answer = await ask(client, event, ...args);
      judged[judge(answer)]++;
      const { watchId } = answer as { watchId?: string };
      if (watchId !== undefined) await ask(client, "unwatch", { watchId });
      expect(client.ended).toBeNull();
    }),
    rubbishRuns(250),
  );
  expect(judged.accepted).toBeGreaterThan(20);
  expect(judged.refused).toBeGreaterThan(100);
  expect(await readStoredRows(world.store)).toEqual(stored);
}, 60_000);

test("L3 an acknowledgement is given wherever it stands, after nothing or after too much", async () => {
  const client = await world.sockets.connect({ token });
  for (const event of EVENTS) {
    expect([event, judge(await ask(client, event))]).toEqual([event, "refused"]);
    judge(await ask(client, event, {}, "more", { than: "asked" }));
  }
});

test("L3 without a function to acknowledge with, with something else in its place, and by names nobody knows, nothing breaks", async () => {
  const client = await world.sockets.connect({ token });
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: fc.constantFrom<string>(...EVENTS) }, { weight: 1, arbitrary: fc.constantFrom("nonsense", "__proto__", "constructor", "toString", "entries", "runs", "") }), fc.array(sendable, { maxLength: 3 }), async (event, args) => {
      anyOf(client).emit(event, ...args);
    }),
    rubbishRuns(150),
  );
  expect(answered(await client.socket.emitWithAck("watchInbox", {})).openCount).toBe(2);
  expect(client.ended).toBeNull();
});

test("L3 a flood is answered to the last question: 100 watches, the rest rate_limited until some are ended", async () => {
  const client = await world.sockets.connect({ token });
  const [runId] = scenery.ids["runs"]!;
  const answers = (await Promise.all(Array.from({ length: 400 }, (_, n) => ask(client, n % 2 === 0 ? "watchRun" : "watchInbox", { runId, fromSeq: 0 })))) as { watchId?: string; error?: { code: string } }[];
  const watches = answers.flatMap(({ watchId }) => watchId ?? []);
  expect(new Set(answers.flatMap(({ error }) => error?.code ?? []))).toEqual(new Set(["rate_limited"]));
  expect([watches.length, new Set(watches).size]).toEqual([100, 100]);
  await Promise.all(watches.map((watchId) => ask(client, "unwatch", { watchId })));
  expect(judge(await ask(client, "watchInbox", {}))).toBe("accepted");
});

test("L3 nobody ends the watch of another, nor one of their own twice", async () => {
  const [mine, theirs] = await Promise.all([world.sockets.connect({ token }), world.sockets.connect({ token })]);
  const name = { namespace: "a/b", key: "shared" };
  const { watchId } = answered(await theirs.socket.emitWithAck("watchValue", { ...name, fromVersion: 0 }));
  for (const stolen of [watchId, watchId, "__proto__", ""]) judge(await ask(mine, "unwatch", { watchId: stolen }));
  await setValue(world.store, { ...name, value: "still told", writer: actors.operator.id, actor: actors.operator });
  await vi.waitFor(() => expect(theirs.values.at(-1)).toMatchObject({ value: "still told" }), { timeout: 5_000 });
  for (let twice = 0; twice < 2; twice++) expect(await ask(theirs, "unwatch", { watchId })).toEqual({ watchId });
});

/** Packets that no client of ours would make, over polling, where they can be written by hand. */
const PACKETS = ["", "4", "42", "42{}", "42[]", "42[null]", "42[1]", "42[{}]", '42["watchRun"', '42["watchRun",{}', '421["watchRun"]', '42999999999999999999["watchInbox",{}]', '42["connect"]', '42["disconnect"]', '42["__proto__",{}]', '42/other,["x"]', "41", "43[]", "431[1]", "44{}", "45", "451-", '451-["watchRun",{"_placeholder":true,"num":0}]', '45999999999-["x"]', "46", "6", "9", "b!!!!", "\u001e\u001e\u001e", "\u0000", "5", "0", "1", "2probe", "x".repeat(70_000)];

test("L3 packets that no client would make end at most their own connection", async () => {
  const witness = await world.sockets.connect({ token });
  for (const packet of PACKETS) {
    const base = `${world.url}/socket.io/?EIO=4&transport=polling`;
    const opened = await (await fetch(base)).text();
    const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
    const post = (body: string) => fetch(`${base}&sid=${sid}`, { method: "POST", body, headers: { "content-type": "text/plain;charset=UTF-8" } });
    expect((await post(`40${JSON.stringify({ token })}`)).status).toBe(200);
    const connected = await (await fetch(`${base}&sid=${sid}`)).text();
    expect([packet.slice(0, 40), connected.slice(0, 3)]).toEqual([packet.slice(0, 40), "40{"]);
    const answer = await post(packet);
    await answer.text();
    expect([packet.slice(0, 40), answer.status]).toEqual([packet.slice(0, 40), expect.toBeOneOf([200, 400, 413])]);
    await post("1").catch(() => undefined);
  }
  for (const search of ["", "EIO=3", "EIO=4&transport=pigeon", "EIO=4&transport=polling&sid=__proto__", "EIO=4&transport=websocket", "EIO=4&EIO=3&transport=polling&transport=x", "%00", "EIO=4&transport=polling&j=1"]) {
    const answer = await fetch(`${world.url}/socket.io/?${search}`);
    await answer.text();
    expect([search, answer.status < 500]).toEqual([search, true]);
  }
  expect(answered(await witness.socket.emitWithAck("watchInbox", {})).openCount).toBe(2);
  expect(witness.ended).toBeNull();
});
