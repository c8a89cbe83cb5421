import { formatMoney } from "@tape/core";
import type { Compensator } from "@tape/sdk";
import { bank } from "./treasury.ts";
import type { WireInput, WireReceipt } from "./wire.ts";

/** Takes a wire back at the bank, under the compensator's own key: however often it is asked for, it is reversed once. */
export const reversal: Compensator<WireInput, WireReceipt> = {
  name: "reverse-wire",
  summary: ({ bankRef }, { amount, creditor }) => `Reverse ${bankRef}: ${formatMoney(amount)} back from ${creditor}`,
  amount: (_, { amount }) => amount,
  async run({ key, signal }, { result }) {
    const bankRef = (result as WireReceipt | null)?.bankRef ?? (await refOf(key, signal));
    const reversed = await bank.reverseWire(key, bankRef, signal);
    return { bankRef: reversed.id, reverses: bankRef, bookedAt: reversed.bookedAt };
  },
};

/** A wire that a person settled by hand has no receipt: the bank is asked by the key it was sent under (D21). */
async function refOf(key: string, signal: AbortSignal): Promise<string> {
  const wired = await bank.findWire(key.replace(/\/undo\/\d+$/, ""), signal);
  if (wired === undefined) throw new Error("The bank has no wire under this key: there is nothing to reverse.");
  return wired.id;
}
