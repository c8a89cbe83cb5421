import { readFile } from "node:fs/promises";
import path from "node:path";
import { AckLost, awaitSignal, defineConnector, sample } from "@tape/sdk";
import { note } from "./note.ts";
import { tape } from "./app.ts";

/** What is moved or posted, and where: the name of the act in the ledger. */
interface Act {
  to: string;
}

const undone = (what: string) => ({ run: async (ctx: { key: string }, { input }: { input: Act }) => note(`${what} ${input.to} ${ctx.key}`) });

const move = tape.effect<Act, { moved: string }>("every-move", { compensate: undone("unmove") }, async (ctx, { to }) => {
  await note(`move ${to} ${ctx.key}`);
  return { moved: to };
});

/** Its first try fails; whatever try comes after it succeeds. */
const retried = tape.effect<Act, string>("every-retried", { retry: { attempts: 4, firstDelayMs: 20 }, compensate: undone("unretried") }, async (ctx, { to }) => {
  await note(`retried ${to} ${ctx.key}`);
  if (ctx.attempt === 1) throw new Error("busy");
  return `retried ${to}`;
});

/** It happens and its acknowledgement is lost, however often it is sent; its counterparty knows it. */
const lost = tape.effect<Act, string>(
  "every-lost",
  { statusCheck: async ({ key }, { to }) => ((await isNoted(`lost ${to} ${key}`)) ? { status: "confirmed", result: `found ${to}` } : { status: "absent" }), compensate: undone("unlost") },
  async (ctx, { to }) => {
    await note(`lost ${to} ${ctx.key}`);
    throw new AckLost("no answer");
  },
);

async function isNoted(act: string): Promise<boolean> {
  const text = await readFile(path.join(process.env.TAPE_DIR ?? ".", "acts.log"), "utf8").catch(() => "");
  return text.split("\n").some((line) => line.endsWith(` ${act}`));
}

const post = defineConnector({
  name: "every-post-office",
  dispatch: async ({ key }, intent) => {
    const { to } = intent as Act;
    await note(`post ${to} ${key}`);
    return { status: "confirmed", result: { posted: to }, externalRef: `ref ${to}` };
  },
  observe: async ({ key }, intent) => {
    const { to } = intent as Act;
    return (await isNoted(`post ${to} ${key}`)) ? { status: "confirmed", result: { posted: to }, externalRef: `ref ${to}` } : { status: "absent" };
  },
  compensate: async ({ key }, { intent }) => {
    await note(`unpost ${(intent as Act).to} ${key}`);
    return { status: "compensated" };
  },
});
const posting = { connector: post, businessKey: ({ to }: Act) => to };
const postOnce = tape.outboxTool<Act, { posted: string }, Act>("every-post-once", { ...posting, semantics: "NON_IDEMPOTENT" }, ({ to }) => ({ to }));
const postAgain = tape.outboxTool<Act, { posted: string }, Act>("every-post", posting, ({ to }) => ({ to }));

const approve = tape.gateTool<Act>("every-approval");

/** Its handler runs at least once, and says so to the run. */
tape.onTimer("every-tick", async ({ id, runId }) => {
  await note(`tick ${id} ${runId}`);
  await tape.sendSignal(runId, "ticked", { id });
});

export const everyChild = tape.agent<Act, string>("every-child", async (run, { to }) => (await move(run, { to })).moved);

/** Uses every primitive there is, in one run whose end does not depend on who dies meanwhile. */
export const every = tape.agent<Act, unknown>("every", async (run, { to }) => {
  const plan = await run.decide("plan", { model: "scripted", request: { to } }, async () => {
    await note("asked plan");
    return { steps: 3 };
  });
  const seen = await sample(run, async () => {
    await note("asked sample");
    return 7;
  });
  const first = await move(run, { to: "first" });
  const tried = await retried(run, { to: "second" });
  const found = await lost(run, { to: "third" });
  const sides = await Promise.all([
    move(run, { to: "left" }),
    run.scope("middle", async (inner) => {
      const chosen = await inner.decide("side", { model: "scripted", request: { of: plan.steps } }, async () => {
        await note("asked side");
        return { to: "middle" };
      });
      return await move(inner, chosen);
    }),
    run.effect("every-look", { at: "right" }, () => "looked"),
  ]);
  const posted = [await postOnce(run, { to: `${to}-once` }), await postAgain(run, { to: `${to}-again` })];

  const { version } = await tape.setValue(`runs/${run.id}`, "progress", { done: 1 });
  const kept = await tape.getValue(`runs/${run.id}`, "progress");
  await tape.setValue(`runs/${run.id}`, "progress", { done: 2 }, { ifVersion: version });
  await tape.setValue(`runs/${run.id}`, "draft", "to be deleted");
  await tape.deleteValue(`runs/${run.id}`, "draft");

  await tape.setTimer(run, "never", { kind: "every-tick", inMs: 3_600_000 });
  await tape.cancelTimer(run, "never");
  await tape.setTimer(run, "soon", { kind: "every-tick", inMs: 10 });
  const ticked = await awaitSignal(run, "ticked");
  const { comment } = await approve(run, { to });
  const told = await awaitSignal(run, "go");
  await run.sleep(20);
  const child = await tape.start(everyChild, { to: "child" });
  const childs = await child.outcome();
  await move(run, { to: "last" });
  return { plan, seen, first, tried, found, sides, posted, kept, ticked, comment, told, childs };
});
