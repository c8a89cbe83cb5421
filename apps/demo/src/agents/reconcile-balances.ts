import { TapeError } from "@tape/core";
import { awaitSignal } from "@tape/sdk";
import { z } from "zod";
import { BankAway } from "../bank/client.ts";
import { isReversal } from "../bank/wire.ts";
import { totals, type Money } from "../money/cents.ts";
import { bank, tape } from "./treasury.ts";

export const reconcileBalancesInput = z.strictObject({
  everyMs: z.int().min(100).max(86_400_000).default(15_000).meta({ title: "Every", description: "Milliseconds between two looks at the ledger." }),
});

/** What is published at `treasury` / `balances`: the ledger as it was at `at`. */
export interface Balances {
  at: string;
  wired: Money[];
  returned: Money[];
  lines: number;
}

const KIND = "reconcile-balances";
const tick = z.object({ everyMs: z.number() });

/**
 * Looks at the bank's ledger again and again until the signal `stop`. The periodic timer does the work: its handler
 * publishes the sums as a value and arms the timer again. The run itself only waits, in no process's memory.
 */
export const reconcileBalances = tape.agent<z.output<typeof reconcileBalancesInput>, Balances | null>(
  "reconcile-balances",
  { title: "Publish the bank's balances", version: "1", input: reconcileBalancesInput },
  async (run, { everyMs }) => {
    await tape.setTimer(run, "tick", { kind: KIND, inMs: 0, payload: { everyMs } });
    await awaitSignal(run, "stop");
    return (await tape.getValue<Balances>("treasury", "balances"))?.value ?? null;
  },
);

tape.onTimer(KIND, async ({ runId, id, payload, fireAt }) => {
  const { everyMs } = tick.parse(payload);
  await publish(fireAt);
  try {
    await tape.setTimer(runId, id, { kind: KIND, inMs: everyMs, payload });
  } catch (error) {
    // Told to stop while it looked: there is nothing to go on for.
    if (!TapeError.is(error, "illegal_transition")) throw error;
  }
});

async function publish(at: string): Promise<void> {
  try {
    const lines = await bank.ledger();
    const sums = (of: typeof lines) => totals(of.map(({ amount }) => amount));
    const balances: Balances = { at, wired: sums(lines.filter((line) => !isReversal(line))), returned: sums(lines.filter(isReversal)), lines: lines.length };
    await tape.setValue("treasury", "balances", balances);
  } catch (error) {
    // A bank that is away has no news; the next look may.
    if (!(error instanceof BankAway)) throw error;
  }
}
