import { readFile } from "node:fs/promises";
import path from "node:path";
import { AckLost, createTape, defineConnector } from "@tape/sdk";
import { note } from "../../agents/note.ts";

export const tape = createTape({ app: "chaos" });

/** What one run of the storm is to do, drawn by its seed. */
export interface StormInput {
  n: number;
  gated: boolean;
  sleeps: boolean;
  posts: boolean;
  losesAck: boolean;
  /** How long each body takes (ms). */
  ms: number;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The counterparty: a file, keyed by the idempotency key. */
async function isInLedger(line: string): Promise<boolean> {
  const text = await readFile(path.join(process.env.TAPE_DIR ?? ".", "acts.log"), "utf8").catch(() => "");
  return text.split("\n").some((each) => each.endsWith(` ${line}`));
}

const pay = tape.effect<{ n: number; what: string; ms: number; losesAck?: boolean }, { paid: string }>(
  "pay",
  {
    statusCheck: async ({ key }, { what }) => ((await isInLedger(`paid ${key}`)) ? { status: "confirmed", result: { paid: what } } : { status: "absent" }),
    compensate: { run: async ({ key }) => note(`unpaid ${key}`) },
  },
  async ({ key }, { what, ms, losesAck = false }) => {
    await wait(ms);
    await note(`paid ${key}`);
    if (losesAck) throw new AckLost("no answer");
    return { paid: what };
  },
);

const office = defineConnector({
  name: "post-office",
  dispatch: async ({ key }) => {
    await note(`posted ${key}`);
    return { status: "confirmed", result: { posted: key } };
  },
  observe: async ({ key }) => ((await isInLedger(`posted ${key}`)) ? { status: "confirmed", result: { posted: key } } : { status: "absent" }),
  compensate: async ({ key }) => {
    await note(`unposted ${key}`);
    return { status: "compensated" };
  },
});
const post = tape.outboxTool<{ n: number }, { posted: string }, { n: number }>("post", { connector: office, semantics: "NON_IDEMPOTENT", businessKey: ({ n }) => `letter ${n}` }, (input) => input);

const approve = tape.gateTool<{ n: number }>("storm-approval");

export const storm = tape.agent<StormInput, number>("storm", async (run, { n, gated, sleeps, posts, losesAck, ms }) => {
  await run.decide("plan", { model: "scripted", request: { n } }, () => n);
  await pay(run, { n, what: "first", ms });
  if (gated) await approve(run, { n });
  await Promise.all([pay(run, { n, what: "left", ms }), run.scope("right", (inner) => pay(inner, { n, what: "right", ms, losesAck }))]);
  if (sleeps) await run.sleep(200);
  if (posts) await post(run, { n });
  await pay(run, { n, what: "last", ms });
  return n;
});
