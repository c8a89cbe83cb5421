import { TapeError, type Semantics } from "@tape/core";
import { z } from "zod";
import { aFunction, checked, contextWith } from "../given.ts";
import type { BodyContext } from "./effect.ts";
import { checkName } from "./name.ts";

/** What a connector is told of the effect it acts for. */
export interface ConnectorContext {
  readonly runId: string;
  /** The outbox tool. */
  readonly tool: string;
  /** The same on every sending: pass it to the counterparty. */
  readonly key: string;
  /** The caller's identity of the logical operation, where its tool names one. */
  readonly businessKey: string | null;
  /** The counterparty's own reference, once it is known. */
  readonly externalRef: string | null;
  readonly semantics: Semantics;
  /** 1 for the first sending; goes on over crashes. */
  readonly attempt: number;
  /** Aborted when it takes longer than `timeoutMs`, and when the worker stops. Pass it to `fetch`. */
  readonly signal: AbortSignal;
}

/** `notStorable`: why there is no result, although it did happen; the code gets `ResultNotStorable`. */
interface Confirmed {
  status: "confirmed";
  result?: unknown;
  externalRef?: string;
  notStorable?: string;
}

/** What came of sending. What `dispatch` throws is `unknown` for NON_IDEMPOTENT and `retry` for IDEMPOTENT. */
export type DispatchResult =
  | Confirmed
  /** Final: it did not happen, and is not sent again. */
  | { status: "failed"; error: unknown }
  /** It did not happen: sent again by back-off, 1 s to 5 min, or after so long. */
  | { status: "retry"; error?: unknown; afterMs?: number }
  /** It may have happened. */
  | { status: "unknown"; error?: unknown };

/** What the counterparty says of an effect that may have happened. What `observe` throws is `inconclusive`. */
export type ObserveResult =
  | Confirmed
  | { status: "failed"; error: unknown }
  | { status: "absent" }
  /** It happened more than once: the reference of every copy. The first stands, the others are reversed. */
  | { status: "duplicate"; refs: readonly string[]; result?: unknown }
  | { status: "inconclusive"; message?: string };

/** What came of taking something back. What `compensate` throws is `retry`. */
export type CompensateResult =
  | { status: "compensated"; result?: unknown }
  /** Tried again, five times in all. */
  | { status: "retry"; error?: unknown }
  /** Trying again is of no use: a person decides. */
  | { status: "failed"; error: unknown };

export interface ConnectorOptions {
  /** How intents find it: keep it. Business keys are unique per connector. */
  name: string;
  /** Sends an intent to the counterparty. */
  dispatch(ctx: ConnectorContext, intent: unknown): Promise<DispatchResult> | DispatchResult;
  /** Asks the counterparty what became of an intent that may have been sent. Asked when its tool has no `statusCheck`. */
  observe?(ctx: ConnectorContext, intent: unknown): Promise<ObserveResult> | ObserveResult;
  /**
   * Takes back what an intent did. Must be idempotent under `ctx.key`. Used when its tool has no `compensate`.
   * `externalRef`: the counterparty's reference of what is taken back, where it is known; for an extra copy, that copy's.
   */
  compensate?(ctx: BodyContext, effect: { intent: unknown; result: unknown; externalRef: string | null }): Promise<CompensateResult> | CompensateResult;
  /** Most intents a worker sends at the same time. Default 10. */
  concurrency?: number;
  /** Most intents a worker begins to send in a second. Default: no limit. */
  perSecond?: number;
  /** How long one sending may take (ms); after that its outcome is what `dispatch` would throw. Default 60,000. */
  timeoutMs?: number;
}

/** The adapter to one counterparty: what outbox tools are sent by. */
export interface Connector extends Readonly<ConnectorOptions> {
  readonly kind: "connector";
  readonly concurrency: number;
  readonly timeoutMs: number;
}

const connectorOptions = z.object({ observe: aFunction.optional(), compensate: aFunction.optional() });

/** @throws {TapeError} `invalid_input` naming the option */
export function defineConnector(options: ConnectorOptions): Connector {
  checked("a connector", connectorOptions, options);
  const { concurrency = 10, perSecond, timeoutMs = 60_000 } = options;
  const name = checkName("connector", options.name);
  const refuse = (what: string): never => {
    throw new TapeError("invalid_input", `connector ${name}: ${what}`);
  };
  if (typeof options.dispatch !== "function") refuse("dispatch is a function that sends an intent");
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) refuse("concurrency is a whole number of at least 1");
  if (perSecond !== undefined && !(Number.isFinite(perSecond) && perSecond > 0)) refuse("perSecond is a number above 0");
  if (!(Number.isFinite(timeoutMs) && timeoutMs > 0 && timeoutMs <= 3_600_000)) refuse("timeoutMs is above 0 and at most an hour");
  return { ...options, kind: "connector", name, concurrency, timeoutMs };
}

/** The business key of the effect that `ctx` belongs to; null where its tool names none. */
export function businessKey(ctx: Pick<ConnectorContext, "businessKey">): string | null {
  contextWith("businessKey", ctx, "businessKey");
  return ctx.businessKey;
}

/** The counterparty's own reference of the effect that `ctx` belongs to; null before it is known. */
export function externalRef(ctx: Pick<ConnectorContext, "externalRef">): string | null {
  contextWith("externalRef", ctx, "externalRef");
  return ctx.externalRef;
}
