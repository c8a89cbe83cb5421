import { TapeError, type Entry, type EntryKind } from "@tape/core";
import { z } from "zod";
import { checked } from "../given.ts";
import { checkSinks, eventIdOf, SinkGone, type DeliveryContext, type Sink } from "../define/sink.ts";
import { signatureOf } from "./signature.ts";

export interface WebhookSinkOptions {
  /** See {@link Sink}. */
  id: string;
  /** `https:` or `http:`; told in no log but by its host. */
  url: string;
  /** At least 16 characters: what the receiver verifies the deliveries with (`verifySignature`). */
  secret: string;
  /** Only these kinds of entries. Default all. */
  kinds?: readonly EntryKind[];
  /** Events of one request at most. Default 1: the header names the event. With more, tell each by its `id` in the body. */
  batch?: number;
  /** How long the receiver may take to answer (ms). Default 10,000. */
  timeoutMs?: number;
}

const SHORTEST_SECRET = 16;

/**
 * Sends entries to an address: `POST` with `{ "events": [{ "id", "runId", "seq", "kind", "verb", "at", "payload" }] }` and
 *
 * - `X-Tape-Event-Id`: `<runId>/<seq>` of the first event, the same each time it is sent;
 * - `X-Tape-Signature`: `t=<unix seconds>,v1=<hmac-sha256 of "t.body">`;
 * - `X-Tape-Attempt`: 1 for the first try.
 *
 * Any 2xx is taken for received, and 410 for "never again". Everything else, a redirect and silence included, is tried again.
 * What the receiver says in its body is not read.
 *
 * @throws {TapeError} `invalid_input` naming the option
 */
export function webhookSink(options: WebhookSinkOptions): Sink {
  const { id, url, secret, kinds, batch = 1, timeoutMs = 10_000 } = checked("webhookSink", z.object({ id: z.string(), url: z.string() }), options);
  const target = addressOf(id, url);
  if (typeof secret !== "string" || secret.length < SHORTEST_SECRET) throw new TapeError("invalid_input", `sink ${id}: secret has at least ${SHORTEST_SECRET} characters`);
  const sink: Sink = { id, batch, timeoutMs, ...(kinds && { kinds }), deliver: (entries, context) => post(target, secret, entries, context) };
  checkSinks([sink]);
  return sink;
}

function addressOf(id: string, url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol === "https:" || parsed?.protocol === "http:") {
    if (parsed.username === "" && parsed.password === "") return parsed;
    throw new TapeError("invalid_input", `sink ${id}: url holds a name or a password; the signature is what the receiver goes by`);
  }
  throw new TapeError("invalid_input", `sink ${id}: url is an address like https://example.com/tape`);
}

async function post(target: URL, secret: string, entries: readonly Entry[], { signal, attempt }: DeliveryContext): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const body = JSON.stringify({ events: entries.map((entry) => ({ id: eventIdOf(entry), ...entry })) });
  const response = await fetch(target, {
    method: "POST",
    redirect: "manual",
    headers: {
      "content-type": "application/json",
      "user-agent": "Tape",
      "x-tape-event-id": eventIdOf(first),
      "x-tape-signature": signatureOf(secret, body, Date.now()),
      "x-tape-attempt": String(attempt),
    },
    body,
    signal,
  }).catch((error: unknown) => {
    throw new Error(`${target.host} did not answer: ${reasonOf(error)}`, { cause: error });
  });
  await response.body?.cancel().catch(() => {});
  if (response.ok) return;
  const { status } = response;
  if (status === 410) throw new SinkGone(`${target.host} answered 410: it wants no more`);
  throw new Error(`${target.host} answered ${status}${status >= 300 && status < 400 ? "; redirects are not followed, give the sink the new address" : ""}`);
}

/** What fetch says is "fetch failed"; why is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ((cause as NodeJS.ErrnoException).code ?? error.message);
}
