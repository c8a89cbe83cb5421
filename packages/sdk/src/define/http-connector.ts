import { MAX_BODY_BYTES, TapeError } from "@tape/core";
import { z } from "zod";
import { aFunction, checked } from "../given.ts";
import { defineConnector, type CompensateResult, type Connector, type ConnectorContext, type ConnectorOptions, type DispatchResult, type ObserveResult } from "./connector.ts";
import type { BodyContext } from "./effect.ts";

export interface HttpRequest {
  url: string;
  /** Default POST. */
  method?: string;
  headers?: Record<string, string>;
  /** Sent as JSON. Default: the intent. */
  body?: unknown;
}

export interface HttpConnectorOptions extends Pick<ConnectorOptions, "name" | "concurrency" | "perSecond"> {
  /** Where intents are sent. Give this or `request`. */
  url?: string;
  /** The request of an intent. It must be the same each time. */
  request?(intent: unknown, ctx: ConnectorContext): HttpRequest;
  /** With every request; a function is asked for each, so that a token may change. */
  headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);
  /** How long one request may take (ms). Default 30,000. */
  timeoutMs?: number;
  /** The counterparty's own reference in its answer. Default: its `id`, when that is text. */
  externalRef?(answer: unknown): string | undefined;
  /**
   * Where an intent is asked after, with GET: a template of `{key}`, `{businessKey}` and `{externalRef}`. 404 is absent, a
   * list is as many copies as it has, anything else of 2xx is confirmed; `read` says otherwise.
   */
  observe?: string | { url: string; read?(answer: unknown): ObserveResult };
  /** What takes it back: a template as for `observe`, with `{key}` of this reversal. 2xx is compensated, 4xx final. */
  compensate?: string | { url: string; method?: string };
}

/** What may be sent again though it is 4xx: the counterparty has not done it, and may later. */
const NOT_YET = new Set([408, 409, 425, 429]);

const httpOptions = z.object({
  name: z.string(),
  url: z.string().optional(),
  request: aFunction.optional(),
  headers: z.union([z.record(z.string(), z.string()), aFunction]).optional(),
  externalRef: aFunction.optional(),
  observe: z.union([z.string(), z.object({ url: z.string(), read: aFunction.optional() })]).optional(),
  compensate: z.union([z.string(), z.object({ url: z.string(), method: z.string().optional() })]).optional(),
});

/**
 * A connector over HTTP. Each request carries `Idempotency-Key`, and `X-Business-Key` where there is one. 2xx is confirmed
 * with its JSON; 4xx is failed, but 408, 409, 425 and 429 are sent again; a 3xx, a 5xx, a timeout and a broken connection
 * may have happened: sent again under its key if IDEMPOTENT, else asked after. Answers are read to 1 MiB.
 *
 * @throws {TapeError} `invalid_input` naming the option
 */
export function httpConnector(options: HttpConnectorOptions): Connector {
  checked("a connector over HTTP", httpOptions, options);
  const { name, observe, compensate, timeoutMs = 30_000 } = options;
  if ((options.url === undefined) === (options.request === undefined)) throw new TapeError("invalid_input", `connector ${name}: give it a url, or a request that makes one of an intent`);
  if (options.url !== undefined && !URL.canParse(options.url)) throw new TapeError("invalid_input", `connector ${name}: ${options.url} is no URL`);
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0)) throw new TapeError("invalid_input", `connector ${name}: timeoutMs is above 0`);
  const headers = async () => (typeof options.headers === "function" ? await options.headers() : (options.headers ?? {}));
  const call = async (request: HttpRequest, keys: Record<string, string>, signal: AbortSignal): Promise<Answer> =>
    await send({ ...request, headers: { ...(await headers()), ...keys } }, { signal, timeoutMs });
  const prepare = async (intent: unknown, ctx: ConnectorContext): Promise<HttpRequest | DispatchResult> => {
    let request: HttpRequest;
    try {
      request = { method: "POST", body: intent, ...(options.request?.(intent, ctx) ?? { url: options.url! }) };
      new URL(request.url);
    } catch (error) {
      return { status: "failed", error };
    }
    try {
      return { ...request, headers: { ...(await headers()), ...request.headers, ...keysOf(ctx) } };
    } catch (error) {
      return { status: "retry", error };
    }
  };
  const refOf = options.externalRef ?? idOf;

  return defineConnector({
    name,
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    ...(options.perSecond !== undefined && { perSecond: options.perSecond }),
    // The request has its own limit, and is answered for by status.
    timeoutMs: timeoutMs + 5_000,
    dispatch: async (ctx, intent) => {
      const prepared = await prepare(intent, ctx);
      // Nothing was sent.
      if ("status" in prepared) return prepared;
      return dispatched(ctx, await send(prepared, { signal: ctx.signal, timeoutMs }), refOf);
    },
    ...(observe !== undefined && {
      observe: async (ctx: ConnectorContext) => {
        const { url, read = seen(refOf) } = typeof observe === "string" ? { url: observe } : observe;
        return observed(await call({ url: filled(url, ctx), method: "GET" }, {}, ctx.signal), read);
      },
    }),
    ...(compensate !== undefined && {
      compensate: async (ctx: BodyContext, effect: { externalRef: string | null }) => {
        const { url, method = "POST" } = typeof compensate === "string" ? { url: compensate } : compensate;
        return compensated(await call({ url: filled(url, { ...effect, key: ctx.key }), method }, { "Idempotency-Key": ctx.key }, ctx.signal));
      },
    }),
  });
}

type Answer = { at: "status"; status: number; retryAfterMs: number | undefined; body: unknown; tooLarge: boolean } | { at: "lost"; error: Error };

function dispatched({ semantics }: ConnectorContext, answer: Answer, refOf: (body: unknown) => string | undefined): DispatchResult {
  const mayHaveHappened = (error: Error): DispatchResult => ({ status: semantics === "NON_IDEMPOTENT" ? "unknown" : "retry", error });
  if (answer.at === "lost") return mayHaveHappened(answer.error);
  const { status, body, tooLarge, retryAfterMs } = answer;
  if (status >= 200 && status < 300) {
    if (tooLarge) return { status: "confirmed", notStorable: `the answer is larger than ${MAX_BODY_BYTES} bytes` };
    const externalRef = refOf(body);
    return { status: "confirmed", result: body, ...(externalRef !== undefined && { externalRef }) };
  }
  const error = refusalOf(answer);
  if (NOT_YET.has(status)) return { status: "retry", error, ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) };
  return status >= 400 && status < 500 ? { status: "failed", error } : mayHaveHappened(error);
}

function observed(answer: Answer, read: (body: unknown) => ObserveResult): ObserveResult {
  if (answer.at === "lost") return { status: "inconclusive", message: answer.error.message };
  if (answer.status === 404) return { status: "absent" };
  if (answer.status < 200 || answer.status >= 300) return { status: "inconclusive", message: refusalOf(answer).message };
  return answer.tooLarge ? { status: "inconclusive", message: `the answer is larger than ${MAX_BODY_BYTES} bytes` } : read(answer.body);
}

function compensated(answer: Answer): CompensateResult {
  if (answer.at === "lost") return { status: "retry", error: answer.error };
  if (answer.status >= 200 && answer.status < 300) return { status: "compensated", result: answer.tooLarge ? null : answer.body };
  const isFinal = answer.status >= 400 && answer.status < 500 && !NOT_YET.has(answer.status);
  return { status: isFinal ? "failed" : "retry", error: refusalOf(answer) };
}

/** A list is as many copies as it has. */
function seen(refOf: (body: unknown) => string | undefined): (body: unknown) => ObserveResult {
  return (body) => {
    if (!Array.isArray(body)) return confirmedBy(body, refOf);
    if (body.length === 0) return { status: "absent" };
    if (body.length === 1) return confirmedBy(body[0], refOf);
    const refs = body.map(refOf);
    if (refs.some((ref) => ref === undefined)) return { status: "inconclusive", message: `${body.length} copies, and not all say their reference` };
    return { status: "duplicate", refs: refs as string[], result: body[0] as unknown };
  };
}

function confirmedBy(body: unknown, refOf: (body: unknown) => string | undefined): ObserveResult {
  const externalRef = refOf(body);
  return { status: "confirmed", result: body, ...(externalRef !== undefined && { externalRef }) };
}

function idOf(answer: unknown): string | undefined {
  const id = (answer as { id?: unknown } | null)?.id;
  return typeof id === "string" ? id : undefined;
}

function keysOf({ key, businessKey }: ConnectorContext): Record<string, string> {
  return { "Idempotency-Key": headerText(key), ...(businessKey !== null && { "X-Business-Key": headerText(businessKey) }) };
}

/** Headers are ASCII: what is not is percent-encoded. */
function headerText(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text);
}

function filled(template: string, values: { key: string; businessKey?: string | null; externalRef: string | null }): string {
  return template.replace(/\{(key|businessKey|externalRef)\}/g, (_, name: "key" | "businessKey" | "externalRef") => {
    const value = values[name];
    if (value == null) throw new Error(`${template} needs the ${name}, which is not known`);
    return encodeURIComponent(value);
  });
}

function refusalOf({ status, body }: Extract<Answer, { at: "status" }>): Error {
  const told = typeof body === "string" ? body : JSON.stringify(body ?? "");
  return new Error(`the counterparty answered ${status}${told && told !== '""' ? `: ${told.slice(0, 500)}` : ""}`);
}

/** One request. Whatever keeps its answer from coming is an answer too: it may have happened. */
async function send({ url, method = "POST", headers, body }: HttpRequest, { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number }): Promise<Answer> {
  try {
    const sends = body !== undefined && method !== "GET";
    const response = await fetch(url, {
      method,
      headers: { accept: "application/json", ...(sends && { "content-type": "application/json" }), ...headers },
      ...(sends && { body: JSON.stringify(body) }),
      // Elsewhere it would be sent once more.
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await readTo(response, MAX_BODY_BYTES);
    return { at: "status", status: response.status, retryAfterMs: retryAfterOf(response), body: text === null ? null : parse(text), tooLarge: text === null };
  } catch (thrown) {
    return { at: "lost", error: describe(thrown, timeoutMs) };
  }
}

function describe(thrown: unknown, timeoutMs: number): Error {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  if (thrown.name === "TimeoutError") return new Error(`no answer within ${timeoutMs} ms`);
  const cause = thrown.cause instanceof Error ? `: ${thrown.cause.message}` : "";
  return new Error(`${thrown.message}${cause}`);
}

/** Null: there was more. */
async function readTo(response: Response, limit: number): Promise<string | null> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  for (let bytes = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString("utf8");
    bytes += value.byteLength;
    if (bytes > limit) {
      await reader.cancel().catch(() => {});
      return null;
    }
    chunks.push(value);
  }
}

function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Seconds, or an instant by our own clock: it is a wish, not a deadline. */
function retryAfterOf(response: Response): number | undefined {
  const told = response.headers.get("retry-after");
  if (told === null) return undefined;
  const ms = /^\d+$/.test(told) ? Number(told) * 1_000 : Date.parse(told) - Date.now();
  return ms >= 0 ? ms : undefined;
}
