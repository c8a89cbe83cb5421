import type { Effect, EffectStatus } from "@tape/core";
import { listEffects, type Store } from "@tape/store";
import { readLedger } from "../bank/ledger.ts";
import { compare, type Proof } from "./compare.ts";

/** A wire is booked a moment before its confirmation is journaled: that long it is looked at again. */
const PATIENCE_MS = 3000;
const AGAIN_MS = 200;

const STATUSES: readonly EffectStatus[] = ["PENDING", "UNKNOWN", "FAILED", "CONFIRMED"];

/** Reads both sides and holds them against each other. A running batch does not disturb it. */
export async function prove(store: Store, ledgerFile: string): Promise<Proof> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const before = await readLedger(ledgerFile);
    const effects = await wireEffects(store);
    const proof = compare({ before, after: await readLedger(ledgerFile) }, effects);
    const isSettling = proof.differences.length > 0 && proof.differences.every(({ kind }) => kind === "unsettled");
    if (!isSettling || Date.now() > deadline) return proof;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Settled ones last: an effect that is settled while this reads is found again, and the later word counts. */
async function wireEffects(store: Store): Promise<Effect[]> {
  const found = new Map<string, Effect>();
  for (const status of STATUSES) {
    let cursor: string | undefined;
    do {
      const page = await listEffects(store, { status, cursor, limit: 200 });
      for (const effect of page.items) if (effect.tool === "wire") found.set(effect.key, effect);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  return [...found.values()];
}
