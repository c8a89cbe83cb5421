import { AckLost, CompensationFailed, createTape, defineConnector, RunCancelled, type Connector, type DispatchResult, type ObserveResult } from "@tape/sdk";
import { BankBusy, BankRefused, BankSilent, type BankClient } from "./bank.ts";

export interface Amount {
  amount: number;
}

export type Ref = { ref: string };

/** What a body says of a payment that may have happened: now, or at an earlier try. A refusal is the bank's word on the key. */
async function paid({ attempt }: { attempt: number }, pay: () => Promise<Ref>): Promise<Ref> {
  try {
    return await pay();
  } catch (error) {
    const isUnknown = error instanceof BankSilent || (error instanceof BankBusy && attempt > 1);
    throw isUnknown ? new AckLost((error as Error).message) : error;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sends what may not be sent twice: every sending is booked. */
function wires(bank: BankClient): Connector {
  return defineConnector({
    name: "wires",
    timeoutMs: 6_000,
    concurrency: 2,
    dispatch: (ctx, intent) => dispatched(() => bank.pay(ctx.key, (intent as Amount).amount, { dedupes: false })),
    observe: (ctx) => observed(() => bank.find(ctx.key)),
    compensate: async (ctx, { externalRef, result }) => {
      try {
        await bank.reverse(externalRef ?? (result as Ref).ref, ctx.key);
        return { status: "compensated" };
      } catch (error) {
        return error instanceof BankRefused ? { status: "failed", error } : { status: "retry", error };
      }
    },
  });
}

/** Sends what may be sent again under its key, and can be asked after by nobody. */
function letters(bank: BankClient): Connector {
  return defineConnector({
    name: "letters",
    timeoutMs: 6_000,
    perSecond: 4,
    dispatch: (ctx, intent) => dispatched(() => bank.pay(ctx.key, (intent as Amount).amount, { dedupes: true })),
  });
}

async function dispatched(pay: () => Promise<Ref>): Promise<DispatchResult> {
  try {
    const { ref } = await pay();
    return { status: "confirmed", result: { ref }, externalRef: ref };
  } catch (error) {
    if (error instanceof BankRefused) return { status: "failed", error };
    if (error instanceof BankBusy) return { status: "retry", error };
    return { status: "unknown", error };
  }
}

async function observed(find: () => Promise<Ref[]>): Promise<ObserveResult> {
  const found = await find();
  const [first, ...more] = found;
  if (!first) return { status: "absent" };
  if (more.length > 0) return { status: "duplicate", refs: found.map(({ ref }) => ref), result: first };
  return { status: "confirmed", result: first, externalRef: first.ref };
}

export const APP = "town";

/** The tools of a town, as one process loads them. */
export function toolsOf(bank: BankClient) {
  const tape = createTape({ app: APP, databaseUrl: "simulated" });
  const undo = async (ctx: { key: string }, { result, externalRef }: { result: Ref; externalRef?: string }) => {
    try {
      await bank.reverse(externalRef ?? result.ref, ctx.key);
    } catch (error) {
      throw error instanceof BankRefused ? new CompensationFailed(error.message) : error;
    }
  };

  /** Asked after when its answer is lost. */
  const reserve = tape.effect<Amount, Ref>(
    "reserve",
    {
      retry: { attempts: 3, firstDelayMs: 400 },
      compensate: { name: "release", run: undo },
      statusCheck: async (ctx) => {
        const [found] = await bank.find(ctx.key);
        return found ? { status: "confirmed", result: found, externalRef: found.ref } : { status: "absent" };
      },
    },
    async (ctx, { amount }) => {
      const { ref } = await paid(ctx, () => bank.pay(ctx.key, amount, { dedupes: true }));
      ctx.setExternalRef(ref);
      return { ref };
    },
  );

  /** Sent again under its key; its second delay parks the run. */
  const transfer = tape.effect<Amount, Ref>(
    "transfer",
    { retry: { attempts: 4, firstDelayMs: 7_000, factor: 1, jitter: 0.3 }, compensate: { name: "transfer-back", run: undo } },
    (ctx, { amount }) => paid(ctx, () => bank.pay(ctx.key, amount, { dedupes: true })),
  );

  /** Takes longer than a third of a lease, and says that it is alive. */
  const survey = tape.effect<Amount, Ref>("survey", { compensate: { name: "unsurvey", run: undo } }, async (ctx, { amount }) => {
    for (let part = 0; part < 4; part++) {
      await pause(1_200);
      await ctx.heartbeat();
      if (await ctx.isCancelled()) throw new RunCancelled();
      if (ctx.signal.aborted) throw new Error("aborted");
    }
    return await paid(ctx, () => bank.pay(ctx.key, amount, { dedupes: true }));
  });

  const look = tape.effect<string, number>("look", { semantics: "OBSERVE_ONLY" }, async (_, key) => (await bank.find(key)).length);

  const wire = tape.outboxTool<{ invoice: string; amount: number }, Ref, Amount>(
    "wire",
    { connector: wires(bank), semantics: "NON_IDEMPOTENT", businessKey: ({ invoice }) => invoice },
    ({ amount }) => ({ amount }),
  );

  const letter = tape.outboxTool<Amount, Ref, Amount>("letter", { connector: letters(bank), compensate: { name: "recall", run: undo } }, ({ amount }) => ({ amount }));

  const postcard = tape.outboxTool<Amount, Amount>(
    "postcard",
    { connector: "letters", waitForResult: false, compensate: { name: "recall-postcard", run: (ctx, effect) => undo(ctx, { ...effect, result: effect.result as Ref }) } },
    ({ amount }) => ({ amount }),
  );

  return { tape, reserve, transfer, survey, look, wire, letter, postcard };
}

export type Tools = ReturnType<typeof toolsOf>;
