import { setTimeout as pause } from "node:timers/promises";
import { formatMoney } from "@tape/core";
import { AckLost, RunCancelled, type EffectContext } from "@tape/sdk";
import { AnswerLost, BankAway } from "../bank/client.ts";
import { reversal } from "./reversal.ts";
import type { Wire, WireRequest } from "../bank/wire.ts";
import { bank, tape } from "./treasury.ts";

/** A wire, and how long to hold it back before it is sent: a batch one can watch. */
export interface WireInput extends WireRequest {
  delayMs?: number;
}

/** The bank's word on a booked wire. */
export interface WireReceipt {
  bankRef: string;
  bookedAt: string;
}

/** A bank may be slow; one that takes longer than this hangs (ms). */
const MAX_RUNTIME_MS = 5 * 60_000;

/**
 * Pays through the bank, under the effect's own key: however often it is sent, it is booked once. A lost answer makes
 * the effect UNKNOWN, and the bank is asked for the key; a bank that is away, or says that it booked nothing, is tried
 * again. Fails with `BankRefused` or, after the last try, `BankAway`. While the bank takes its time the body heartbeats, so
 * that nobody takes the run over. Undone by a reversal at the bank.
 */
export const wire = tape.effect<WireInput, WireReceipt>(
  "wire",
  {
    semantics: "IDEMPOTENT",
    autoHeartbeat: true,
    maxRuntimeMs: MAX_RUNTIME_MS,
    compensate: reversal,
    retry: { attempts: 7, firstDelayMs: 250, factor: 2, maxDelayMs: 8000, retryIf: (error) => error instanceof BankAway },
    summary: ({ amount, creditor }, receipt) => `${receipt ? "Wired" : "Wire"} ${formatMoney(amount)} to ${creditor}`,
    async statusCheck({ key, signal }) {
      try {
        const booked = await bank.findWire(key, signal);
        return booked ? { status: "confirmed", result: receiptOf(booked), externalRef: booked.id } : { status: "absent" };
      } catch (error) {
        if (error instanceof BankAway) return { status: "inconclusive" };
        throw error;
      }
    },
  },
  async (ctx, { delayMs = 0, ...request }) => {
    if (delayMs > 0) await holdBack(ctx, delayMs);
    const { key, signal, setExternalRef } = ctx;
    try {
      const booked = await bank.sendWire(key, request, signal);
      setExternalRef(booked.id);
      return receiptOf(booked);
    } catch (error) {
      if (error instanceof AnswerLost) throw new AckLost(error.message, { cause: error });
      throw error;
    }
  },
);

/** Nothing is sent yet: a cancelled wire has certainly not happened. */
async function holdBack({ signal, isCancelled }: EffectContext, delayMs: number): Promise<void> {
  try {
    await pause(delayMs, undefined, { signal });
  } catch (error) {
    if (await isCancelled()) throw new RunCancelled("cancelled before anything was sent");
    throw error;
  }
}

function receiptOf({ id, bookedAt }: Wire): WireReceipt {
  return { bankRef: id, bookedAt };
}
