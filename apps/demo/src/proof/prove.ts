import type { Effect, Obligation, Page } from "@tape/core";
import { listEffects, listObligations, listRuns, type Store } from "@tape/store";
import { readLedger } from "../bank/ledger.ts";
import { compare, type JournalOfWires, type Proof } from "./compare.ts";

/** A line is booked a moment before its confirmation is journaled: that long it is looked at again. */
const PATIENCE_MS = 3000;
const AGAIN_MS = 200;

/** Reads both sides and holds them against each other. A running batch does not disturb it. */
export async function prove(store: Store, ledgerFile: string): Promise<Proof> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const before = await readLedger(ledgerFile);
    const journal = await journalOfWires(store);
    const proof = compare({ before, after: await readLedger(ledgerFile) }, journal);
    const isSettling = proof.differences.length > 0 && proof.differences.every(({ kind }) => kind === "unsettled");
    if (!isSettling || Date.now() > deadline) return proof;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Every call of the wire tool, of every run, and what undoing them left. */
async function journalOfWires(store: Store): Promise<JournalOfWires> {
  const effects: Effect[] = [];
  const obligations: Obligation[] = [];
  for await (const { id: runId } of pages((cursor) => listRuns(store, { cursor, limit: 200 }))) {
    // Obligations first: what they say is undone was confirmed before.
    for await (const obligation of pages((cursor) => listObligations(store, { runId, cursor, limit: 200 }))) obligations.push(obligation);
    for await (const effect of pages((cursor) => listEffects(store, { runId, cursor, limit: 200 }))) {
      if (effect.tool === "wire") effects.push(effect);
    }
  }
  return { effects, obligations };
}

async function* pages<T>(read: (cursor: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
