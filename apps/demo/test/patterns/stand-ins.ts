import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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

/** A model that says what its answers cost. */
export const model = {
  calls: 0,
  ask: (text: string) => {
    model.calls++;
    return Promise.resolve({ text: `${text}!`, usage: { inputTokens: 100, outputTokens: 50, costMicroUsd: 12_000 } });
  },
};

export class NoSuchCurrency extends Error {}

/** Somebody who knows the rates, and is away now and then. */
export const rates = {
  asked: 0,
  awayFor: 0,
  of: (currency: string, { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted();
    rates.asked++;
    if (currency !== "EUR") return Promise.reject(new NoSuchCurrency(currency));
    return rates.awayFor-- > 0 ? Promise.reject(new Error("away")) : Promise.resolve({ rate: 1.08 });
  },
};

/** A clearing house that takes no key for once: what is sent twice is booked twice. */
export const clearing = {
  booked: [] as { ref: string; key: string; says: string }[],
  cancelled: [] as string[],
  /** Of so many bookings the answer gets lost. */
  losing: 0,
  book: ({ to, amount }: Invoice, { key, signal }: { key: string; signal: AbortSignal }) => {
    signal.throwIfAborted();
    const ref = `C-${clearing.booked.length + 1}`;
    clearing.booked.push({ ref, key, says: `${amount} to ${to}` });
    return clearing.losing-- > 0 ? Promise.reject(new Error("the line is dead")) : Promise.resolve({ ref });
  },
  find: (key: string) => Promise.resolve(clearing.booked.find((one) => one.key === key) ?? null),
  cancel: (ref: string | null, _how: { key: string }) => {
    clearing.cancelled.push(ref ?? "");
    return Promise.resolve({ ref });
  },
};

/** A ledger, and the door that its webhook comes in by: what answers is said by whoever opens it. */
export const ledger = {
  kept: new Map<string, { kind: string; verb: string }>(),
  keep: (id: string, event: { kind: string; verb: string }) => Promise.resolve(void ledger.kept.set(id, event)),
  answer: (_request: Request): Promise<Response> => Promise.resolve(new Response(null, { status: 503 })),
};
export const LEDGER_SECRET = "a secret of sixteen characters and more";
export const LEDGER_URL = await open();

async function open(): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
      const answer = await ledger.answer(new Request("http://ledger.test/", { method: "POST", headers, body }));
      response.writeHead(answer.status).end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tape`;
}
