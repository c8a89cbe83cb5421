import { createTape } from "@tape/sdk";

/** The tape that the patterns share. */
export const tape = createTape({ app: "patterns" });

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Invoice {
  to: string;
  amount: string;
}

interface Sent {
  idempotencyKey: string;
  signal: AbortSignal;
}

const booked = new Map<string, { ref: string; says: string }>();

function book(says: string, { idempotencyKey, signal }: Sent): Promise<{ ref: string }> {
  signal.throwIfAborted();
  const known = booked.get(idempotencyKey) ?? { ref: `B-${booked.size + 1}`, says };
  booked.set(idempotencyKey, known);
  return Promise.resolve({ ref: known.ref });
}

/** A bank that books once per key. */
export const bank = {
  send: ({ to, amount }: Invoice, how: Sent) => book(`${amount} to ${to}`, how),
  callBack: (ref: string, how: Sent) => book(`back ${ref}`, how),
  /** What it booked, in order. */
  booked: () => [...booked.values()].map(({ says }) => says),
};

/** A model that plans what it is asked. */
export async function llm(invoices: readonly Invoice[]): Promise<{ total: string; payments: Invoice[] }> {
  const total = invoices.reduce((sum, { amount }) => sum + Number(amount), 0).toFixed(2);
  return { total, payments: [...invoices] };
}

export const letters: string[] = [];

/** A post office. */
export const post = {
  send: (to: string, text: string, _how: { idempotencyKey: string }) => {
    letters.push(`${to}: ${text}`);
    return Promise.resolve({ sent: true });
  },
};

let looks = 0;

/** Somebody who knows the rate. */
export const market = { eur: () => Promise.resolve(1.08 + ++looks / 1000) };
