import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { faultRequest, type Fault, type FaultSwitch } from "./faults.ts";
import { AlreadyReversed, type Ledger } from "./ledger.ts";
import { idempotencyKey, isReversal, isSameWire, isWire, reversalRequest, wireRequest, type LedgerLine, type Wire, type WireRequest } from "./wire.ts";

export interface BankParts {
  ledger: Ledger;
  faults: FaultSwitch;
  /** Dies at once, without a word to anyone: the fault `crash-after-commit`. */
  crash(): void;
  /** Stops in order: asked for by a bank that takes over. */
  stop(): void;
  wait?(delayMs: number): Promise<void>;
}

type Code = "invalid_input" | "not_json" | "not_found" | "key_reused" | "already_reversed" | "not_booked" | "payload_too_large" | "internal";
type Env = { Bindings: HttpBindings };

const NO_KEY = "Send an Idempotency-Key header of 1 to 255 visible ASCII characters.";

/**
 * The bank's HTTP API.
 *
 * - `POST /wires` with `Idempotency-Key`: 201 booked; 200 and the recorded wire for the same key and body; 409
 *   `key_reused` for another body; 400 when it does not fit. `booked: false` in an error is a promise.
 * - `GET /wires/:key`: the status check. 404 says that no such wire is booked.
 * - `POST /reversals` with `Idempotency-Key` and `{ wire: "BNK-…" }`: takes a wire back, answers as `POST /wires` does; 404
 *   when there is no such wire, 409 `already_reversed` when another key took it back.
 * - `GET /ledger`, `GET /health`, `GET` and `PUT /fault`.
 */
export function bankApi(parts: BankParts): Hono<Env> {
  const app = new Hono<Env>();
  app.use(bodyLimit({ maxSize: 64 * 1024, onError: (c) => refuse(c, 413, "payload_too_large", "A request has at most 64 KiB.") }));

  // A page in somebody's browser may send anything but this without asking first.
  app.use(async (c, next) => {
    const isJson = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() === "application/json";
    return c.req.method === "GET" || isJson ? next() : refuse(c, 415, "not_json", "Send application/json.");
  });

  app.get("/health", (c) => c.json({ ok: true, pid: process.pid, wires: parts.ledger.list().filter(isWire).length, fault: parts.faults.current() }));
  app.get("/ledger", (c) => c.json({ items: parts.ledger.list() }));
  app.get("/wires/:key", async (c) => {
    const booked = await parts.ledger.find(c.req.param("key"))?.catch(() => undefined);
    return booked && isWire(booked) ? c.json(booked) : refuse(c, 404, "not_found", `No wire is booked under ${c.req.param("key")}.`);
  });

  app.post("/wires", async (c) => {
    const key = idempotencyKey.safeParse(c.req.header("idempotency-key"));
    if (!key.success) return refuse(c, 400, "invalid_input", NO_KEY);
    const body = wireRequest.safeParse(await readJson(c));
    if (!body.success) return refuseFields(c, body.error);
    return bookWire(c, parts, key.data, body.data);
  });

  app.post("/reversals", async (c) => {
    const key = idempotencyKey.safeParse(c.req.header("idempotency-key"));
    if (!key.success) return refuse(c, 400, "invalid_input", NO_KEY);
    const body = reversalRequest.safeParse(await readJson(c));
    if (!body.success) return refuseFields(c, body.error);
    const wire = parts.ledger.wireOf(body.data.wire);
    return wire ? reverseWire(c, parts, key.data, wire) : refuse(c, 404, "not_found", `The bank has no wire ${body.data.wire}.`);
  });

  app.get("/fault", (c) => c.json(parts.faults.current()));
  app.put("/fault", async (c) => {
    const body = faultRequest.safeParse(await readJson(c));
    return body.success ? c.json(await parts.faults.set(body.data)) : refuseFields(c, body.error);
  });
  app.post("/stop", (c) => {
    parts.stop();
    return c.json({ stopping: true });
  });

  app.notFound((c) => refuse(c, 404, "not_found", `The bank has no ${c.req.method} ${c.req.path}.`));
  app.onError((error, c) => refuse(c, 500, "internal", error.message));
  return app;
}

function bookWire(c: Context<Env>, parts: BankParts, key: string, request: WireRequest): Promise<Response> {
  return answerFor(c, parts, {
    key,
    fault: () => parts.faults.strike("wires", request.creditor),
    book: () => parts.ledger.book(key, request),
    isSame: (line) => isWire(line) && isSameWire(line, request),
  });
}

function reverseWire(c: Context<Env>, parts: BankParts, key: string, wire: Wire): Promise<Response> {
  return answerFor(c, parts, {
    key,
    fault: () => parts.faults.strike("reversals", wire.creditor),
    book: () => parts.ledger.reverse(key, wire),
    isSame: (line) => isReversal(line) && line.reverses === wire.id,
  });
}

interface Booking {
  key: string;
  fault(): Promise<Fault>;
  book(): Promise<LedgerLine>;
  /** Is the line that has the key already what is asked for now? */
  isSame(line: LedgerLine): boolean;
}

/** Books once under the key, with whatever goes wrong on purpose before and after. */
async function answerFor(c: Context<Env>, parts: BankParts, { key, fault: strike, book, isSame }: Booking): Promise<Response> {
  const fault = await strike();
  if (fault.mode === "slow") await (parts.wait ?? sleep)(fault.delayMs);
  if (fault.mode === "error") return refuse(c, 500, "not_booked", "The bank's booking system is down. Nothing was booked, send it again.");

  const known = parts.ledger.find(key);
  let booked: LedgerLine;
  try {
    booked = await (known ?? book());
  } catch (error) {
    if (error instanceof AlreadyReversed) return refuse(c, 409, "already_reversed", `${error.message}.`);
    return refuse(c, 500, "not_booked", `The ledger could not be written: ${(error as Error).message}`);
  }
  if (!isSame(booked)) return refuse(c, 409, "key_reused", `The key ${key} belongs to ${booked.id}, which is something else.`);

  if (fault.mode === "late-answer") await (parts.wait ?? sleep)(fault.delayMs);
  if (fault.mode === "crash-after-commit") parts.crash();
  if (fault.mode === "lost-ack" || fault.mode === "crash-after-commit") {
    c.env.outgoing.destroy();
    return RESPONSE_ALREADY_SENT;
  }
  return c.json(booked, known ? 200 : 201);
}

/** `undefined` when the body is no JSON: the schema refuses it with its own words. */
async function readJson(c: Context<Env>): Promise<unknown> {
  return c.req.json<unknown>().catch(() => undefined);
}

function refuseFields(c: Context<Env>, error: z.ZodError): Response {
  const fields = error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message }));
  const [first] = fields;
  return refuse(c, 400, "invalid_input", [first?.path, first?.message].filter(Boolean).join(" "), fields);
}

function refuse(c: Context<Env>, status: 400 | 404 | 409 | 413 | 415 | 500, code: Code, message: string, fields?: unknown[]): Response {
  return c.json({ error: { code, message, booked: false, ...(fields && { fields }) } }, status);
}

function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
