import { z } from "zod";
import { fault, type Fault, type FaultRequest } from "./faults.ts";
import { readAddress } from "./place.ts";
import { ledgerLine, reversal, wire, type LedgerLine, type Reversal, type Wire, type WireRequest } from "./wire.ts";

/** The bank looked at the wire and will not book it: asking again changes nothing. */
export class BankRefused extends Error {
  override readonly name = "BankRefused";
}

/** The bank did not book it and says so, or was never reached: the same wire may be sent again. */
export class BankAway extends Error {
  override readonly name = "BankAway";
}

/** The answer got lost after the wire had left: it may be booked. */
export class AnswerLost extends Error {
  override readonly name = "AnswerLost";
}

export interface BankClient {
  /** @throws {BankRefused | BankAway | AnswerLost} and whatever `signal` was aborted with. */
  sendWire(key: string, request: WireRequest, signal?: AbortSignal): Promise<Wire>;
  /** The status check: the booked wire, or `undefined` when the bank has none under this key. @throws {BankAway} */
  findWire(key: string, signal?: AbortSignal): Promise<Wire | undefined>;
  /**
   * Takes back the wire that has this reference: once, however often it is asked for under one key.
   *
   * @throws {BankRefused | BankAway | AnswerLost} and whatever `signal` was aborted with.
   */
  reverseWire(key: string, bankRef: string, signal?: AbortSignal): Promise<Reversal>;
  ledger(): Promise<LedgerLine[]>;
  setFault(request: FaultRequest): Promise<Fault>;
  fault(): Promise<Fault>;
}

export interface BankConnection {
  /** The bank's address; unset: what `addressFile` says at the time of each call, as the bank may have moved. */
  url?: string;
  addressFile: string;
  /** How long an answer may take. Default 15 s. */
  timeoutMs?: number;
}

const refusal = z.object({ error: z.object({ code: z.string(), message: z.string(), booked: z.boolean() }) });

export function createBankClient({ url, addressFile, timeoutMs = 15_000 }: BankConnection): BankClient {
  async function ask(method: string, path: string, options: { body?: unknown; key?: string; signal?: AbortSignal } = {}): Promise<Response> {
    const base = url ?? (await readAddress(addressFile))?.url;
    if (base === undefined) throw new BankAway("The bank was never started here: run npm start, or set BANK_URL.");
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      return await fetch(new URL(path, base), {
        method,
        headers: { "content-type": "application/json", ...(options.key !== undefined && { "idempotency-key": options.key }) },
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        signal: options.signal ? AbortSignal.any([limit, options.signal]) : limit,
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw wasNeverSent(error) ? new BankAway(`The bank at ${base} does not answer.`, { cause: error }) : new AnswerLost(`The bank at ${base} did not answer: ${reasonOf(error)}.`, { cause: error });
    }
  }

  /** For questions that change nothing, a lost answer is only a bank that is away. */
  async function read<T>(schema: z.ZodType<T>, method: string, path: string, options: { body?: unknown; signal?: AbortSignal } = {}): Promise<T | undefined> {
    try {
      const response = await ask(method, path, options);
      if (response.status === 404) return undefined;
      if (!response.ok) throw await errorOf(response);
      return schema.parse(await response.json());
    } catch (error) {
      if (error instanceof AnswerLost) throw new BankAway(error.message, { cause: error });
      throw error;
    }
  }

  async function mustRead<T>(schema: z.ZodType<T>, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await read(schema, method, path, { body });
    if (answer === undefined) throw new BankAway(`The address of the bank leads to something that has no ${path}.`);
    return answer;
  }

  async function book<T>(schema: z.ZodType<T>, path: string, key: string, body: unknown, signal?: AbortSignal): Promise<T> {
    const response = await ask("POST", path, { body, key, signal });
    if (!response.ok) throw await errorOf(response);
    try {
      return schema.parse(await response.json());
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new AnswerLost(`The bank's answer broke off: ${reasonOf(error)}.`, { cause: error });
    }
  }

  return {
    sendWire: (key, request, signal) => book(wire, "/wires", key, request, signal),
    reverseWire: (key, bankRef, signal) => book(reversal, "/reversals", key, { wire: bankRef }, signal),
    findWire: (key, signal) => read(wire, "GET", `/wires/${encodeURIComponent(key)}`, { signal }),
    ledger: async () => (await mustRead(z.object({ items: z.array(ledgerLine) }), "GET", "/ledger")).items,
    setFault: (request) => mustRead(fault, "PUT", "/fault", request),
    fault: () => mustRead(fault, "GET", "/fault"),
  };
}

/** `booked: false` is the bank's promise; any other failure may hide a wire. */
async function errorOf(response: Response): Promise<Error> {
  const parsed = refusal.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success || parsed.data.error.booked) return new AnswerLost(`The bank answered ${response.status} and not whether it booked.`);
  const { code, message } = parsed.data.error;
  return response.status >= 500 && code === "not_booked" ? new BankAway(message) : response.status >= 500 ? new AnswerLost(message) : new BankRefused(message);
}

const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"]);

function wasNeverSent(error: unknown): boolean {
  const cause = (error as { cause?: { code?: unknown } }).cause;
  return typeof cause?.code === "string" && NEVER_SENT.has(cause.code);
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
