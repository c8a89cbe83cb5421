import { awaitSignal, now, uuid, type AgentDefinition, type Run } from "@tape/sdk";
import type { modelsOf } from "./models.ts";
import type { Tools } from "./tools.ts";

export interface Errand {
  /** What it is about: invoices, and the seed of its amounts. */
  name: string;
  /** Milliseconds that differ from run to run. */
  ms: number;
}

type Ask = ReturnType<typeof modelsOf>;

/** The agents of a town: together they use everything that an agent can. */
export function agentsOf(tools: Tools, ask: Ask): AgentDefinition<Errand>[] {
  const { tape, reserve, transfer, survey, look, wire, letter, postcard } = tools;
  const backup = tape.gateTool<object>("backup", { timeoutMs: 9_000, onTimeout: "return", onReject: "return" });
  const cfo = tape.gateTool<object>("cfo", { timeoutMs: 5_000, quorum: 2, onTimeout: backup });
  const manager = tape.gateTool<object>("manager", { timeoutMs: 30_000 });
  const more = tape.gateTool<object>("more", { form: [{ name: "addTokens", label: "More tokens", type: "number" }], timeoutMs: 12_000, onReject: "return", onTimeout: "return" });
  const think = (run: Run, name: string, of: unknown): Promise<{ text: string }> => run.decide(name, { model: "small", request: { label: `${run.id}/${name}`, of } }, () => ask(`${run.id}/${name}`));

  /** Decides, reserves, has it approved, pays. */
  const payer = tape.agent<Errand>("payer", async (run, { name, ms }) => {
    const plan = await think(run, "plan", name);
    await tape.setValue(`runs/${run.id}`, "progress", { done: 0, total: 3 });
    const reserved = await reserve(run, { amount: 100 });
    const approval = await cfo(run, { name, plan });
    if (approval.outcome !== "approved") return { reserved, paid: null };
    const paid = await wire(run, { invoice: `invoice-${ms % 4}`, amount: 1_000 });
    await tape.setValue(`runs/${run.id}`, "progress", { done: 2, total: 3 });
    await run.sleep(ms);
    return { reserved, paid, sum: await think(run, "sum", paid) };
  });

  /** What others have done for them. */
  const helper = tape.agent<Errand>("helper", async (run, { name, ms }) => {
    await run.sleep(ms);
    return await transfer(run, { amount: name.length });
  });

  /** Children side by side, and branches whose order is nobody's. */
  const batch = tape.agent<Errand>("batch", async (run, { name, ms }) => {
    const branch = (place: number) =>
      run.scope(`branch ${place}`, async (within) => {
        const checked = await look(within, `key ${place}`);
        const child = await tape.start(helper, { name: `${name}-${place}`, ms: ms * (2 - place) });
        const letters = await Promise.all([letter(within, { amount: 10 + place }), postcard(within, { amount: 20 + place })]);
        const outcome = await child.outcome().catch((error: Error) => error.name);
        return { checked, letters: letters.length, outcome };
      });
    const done = await Promise.all([branch(0), branch(1), think(run, "meanwhile", name)]);
    await tape.sendSignal(run, "batch-done", { done: done.length });
    return [done, await awaitSignal(run, "batch-done", { timeoutMs: 20_000 })];
  });

  /** Timers, signals and long bodies. */
  const patient = tape.agent<Errand>("patient", async (run, { name, ms }) => {
    const at = await now(run);
    await tape.setTimer(run, "soft", { kind: "remind", inMs: 2_500, payload: { name, at: at > 0 } });
    const go = await awaitSignal(run, "go", { timeoutMs: 4_000 + ms }).catch((error: Error) => error.name);
    await tape.cancelTimer(run, "soft").catch((error: Error) => error.name);
    await tape.setTimer(run, "again", { kind: "redrive", inMs: ms });
    // Others write it meanwhile.
    const before = await tape.getValue<number>("town", "tally");
    const surveyed = await survey(run, { amount: 7 });
    const written = await tape.setValue("town", "tally", (before?.value ?? 0) + 1, before ? { ifVersion: before.version } : { ifNotLive: true }).catch((error: Error) => error.name);
    await tape.setTimer(run, "end", { kind: "remind", inMs: 60_000 });
    return { go, surveyed, written, id: await uuid(run) };
  });

  /** A budget that does not last, and somebody who may raise it. */
  const thrifty = tape.agent<Errand>("thrifty", { budget: { capTokens: 100, onExceeded: more } }, async (run, { name, ms }) => {
    const first = await think(run, "first", name);
    const begun = await run.beginDecision<{ text: string }>("second", { model: "small", request: { label: `${run.id}/second` }, estimate: { tokens: 45 } });
    const second = begun.recorded ? begun.response : await ask(`${run.id}/second`).then((answer) => begun.answer(answer), (error: unknown) => begun.fail(error));
    await run.sleep(ms);
    const third = await run
      .decide("third", { model: "small", request: { label: `${run.id}/third` }, estimate: { tokens: 45 } }, () => ask(`${run.id}/third`))
      .catch((error: Error) => ({ text: error.name }));
    return [first.text, second.text, third.text];
  });

  /** Does a great deal, and fails: what it did is there to be taken back. */
  const clumsy = tape.agent<Errand>("clumsy", async (run, { ms }) => {
    await reserve(run, { amount: 1 });
    const [, sent] = await Promise.all([transfer(run, { amount: 2 }), wire(run, { invoice: `invoice-${ms % 4}`, amount: 3 })]);
    await letter(run, { amount: sent.ref.length });
    await run.sleep(ms);
    throw new Error("it slipped");
  });

  /** Races, and operations on others. */
  const racer = tape.agent<Errand>("racer", async (run, { name, ms }) => {
    const first = await Promise.race([
      run.sleep(ms).then(() => "slept"),
      awaitSignal(run, "go").then(() => "went"),
      manager(run, { name }).then(
        () => "approved",
        (error: Error) => error.name,
      ),
    ]);
    const child = await tape.start(helper, { name: `${name}-child`, ms: 3_000 });
    await reserve(run, { amount: 5 });
    await tape.cancelRun(child.id, { reason: "the race is over" }).catch((error: Error) => error.name);
    await tape.compensateRun(child.id, { reason: "the race is over" }).catch((error: Error) => error.name);
    await tape.deleteValue("town", "tally").catch((error: Error) => error.name);
    return first;
  });

  return [payer, helper, batch, patient, thrifty, clumsy, racer];
}
