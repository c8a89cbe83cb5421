import { TapeError } from "@tape/core";
import { obligationBy, toRecorded, type Connector, type DispatchResult, type OutboxDefinition, type Tape } from "@tape/sdk";
import { claimOutbox, markInFlight, nextOutboxAt, recordDispatch, recoverOutbox, type DispatchOutcome, type EffectToSend, type Store } from "@tape/store";
import { answerWithin } from "../answer-within.ts";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";
import { patiently } from "../patiently.ts";
import { within } from "../within.ts";
import { createPlaces } from "./places.ts";

export interface OutboxOptions {
  store: Store;
  /** This worker. */
  owner: string;
  /** Its connectors, and the tools whose words and compensators it knows. */
  tape: Pick<Tape, "app" | "connectors" | "outbox">;
  /** At stop: how long sendings may take to finish before their signals are aborted (ms). */
  graceMs: number;
  /** May this worker take others for dead? See `Presence`. */
  mayJudge: () => boolean;
  /** A place is free again. */
  onFree: () => void;
  log: Log;
}

export interface Outbox {
  pass: Pass;
  /** Waits for what is being sent, for the grace period; then aborts it and records what is known of it. */
  drain(): Promise<void>;
  /** Ends the grace period at once. */
  hurry(): void;
}

/** How often it looks when no hint says that something is due (ms). */
const POLL_MS = 1_000;
/** Claims that were lost are looked for this often, by whoever sends and by whoever does not (ms). */
const RECOVERY_MS = 1_000;
const IDLE_RECOVERY_MS = 10_000;
const RECOVERED = 50;
/** A mark that took longer than this may have been taken for lost meanwhile: nothing is sent then (ms). */
const MARK_MS = 5_000;
/** The claim outlasts its sending by this (ms). */
const SPARE_MS = 30_000;
/** How long a database that is away is waited for to record an outcome (ms). */
const PATIENCE_MS = 20_000;
/** What was aborted by a stop is still recorded, for this long (ms). */
const LAST_WORDS_MS = 2_000;

/**
 * Sends effects of the outbox that are due, by the connectors that are loaded here: claimed, marked in flight, dispatched,
 * recorded. At most `concurrency` of a connector at a time and `perSecond` begun in a second, by each worker. A sending
 * that a crash, a timeout or a stop broke off is never guessed: NON_IDEMPOTENT is UNKNOWN, IDEMPOTENT is sent again under
 * its key. Claims of workers that are gone are looked after too.
 *
 * A pass claims for the places that are free and does not wait for what it sends.
 */
export function outbox({ store, owner, tape, graceMs, mayJudge, onFree, log }: OutboxOptions): Outbox {
  const { app } = tape;
  const places = createPlaces(tape.connectors);
  const sendings = new Set<Promise<void>>();
  let stopped = new AbortController();
  let hurried = new AbortController();
  let recoveredAt = -Infinity;

  const recover = async (): Promise<void> => {
    const every = tape.connectors.size > 0 ? RECOVERY_MS : IDLE_RECOVERY_MS;
    if (!mayJudge() || performance.now() - recoveredAt < every) return;
    recoveredAt = performance.now();
    for (const { effectId, runId, tool, is } of await recoverOutbox(store, { limit: RECOVERED, sessionLocks: true })) {
      log.warn({ runId, effectId, tool, is }, "the sender of an effect was lost");
    }
  };

  const send = async (effect: EffectToSend, connector: Connector): Promise<void> => {
    const { effectId, runId, tool, key, claim } = effect;
    const { signal } = stopped;
    const record = async (result: DispatchOutcome): Promise<void> => {
      await patiently({ forMs: PATIENCE_MS, signal }, () => recordDispatch(store, { effectId, claim, result }));
      log.info({ runId, tool, key, connector: connector.name, outcome: result.status }, "sent an effect");
    };
    try {
      const askedAt = performance.now();
      const marked = await markInFlight(store, { effectId, claim, forMs: connector.timeoutMs + SPARE_MS });
      if (marked.to === "cancelled") return;
      if (performance.now() - askedAt > MARK_MS || signal.aborted) {
        return await record({ status: "retry", error: { name: "NotSent", message: "the worker was held up before it could send it" }, afterMs: 0 });
      }
      const sending = { effect, connector, tool: tape.outbox.get(tool) };
      const late = (result: DispatchResult) => {
        // Heard after it was given up: that it happened is still true (D12).
        if (result?.status === "confirmed") record(outcomeOf(sending, result)).catch((error: unknown) => log.warn({ runId, tool, key, err: error }, "a late confirmation could not be written"));
      };
      await record(outcomeOf(sending, await dispatch(sending, { signal, late })));
    } catch (error) {
      if (TapeError.is(error, "lease_lost")) return log.warn({ runId, tool, key, reason: error.message }, "somebody else has the effect by now");
      log.warn({ runId, tool, key, err: error }, "what came of an effect could not be written; its claim runs out, and it is looked after then");
    }
  };

  const begin = (effect: EffectToSend): void => {
    const connector = tape.connectors.get(effect.connector)!;
    places.take(connector);
    const sending = send(effect, connector).finally(() => {
      sendings.delete(sending);
      if (places.give(connector)) onFree();
    });
    sendings.add(sending);
  };

  return {
    pass: async () => {
      await recover();
      if (tape.connectors.size === 0) return IDLE_RECOVERY_MS;
      const free = [...tape.connectors.values()].map((connector) => ({ app, connector: connector.name, places: places.free(connector) }));
      const effects = await claimOutbox(store, { owner, connectors: free });
      effects.forEach(begin);
      const open = free.filter(({ connector }) => places.free(tape.connectors.get(connector)!) > 0);
      const next = open.length > 0 ? await nextOutboxAt(store, { connectors: open }) : null;
      const dueInMs = next && (next.inMs > 0 || effects.length > 0) ? next.inMs : POLL_MS;
      return Math.min(POLL_MS, dueInMs, places.nextTokenMs());
    },
    drain: async () => {
      const { signal } = hurried;
      await within(Promise.all(sendings), graceMs, signal);
      stopped.abort(new DOMException("the worker stops", "AbortError"));
      await within(Promise.all(sendings), LAST_WORDS_MS);
      stopped = new AbortController();
      hurried = new AbortController();
    },
    hurry: () => hurried.abort(),
  };
}

interface Sending {
  effect: EffectToSend;
  connector: Connector;
  tool: OutboxDefinition | undefined;
}

/** An answer, or none: then it may have happened. */
type Dispatched = DispatchResult | { status: "retry"; error: unknown; afterMs?: undefined; mayHaveHappened: true };

/** The connector's answer. What it throws, and no answer in time, say nothing of whether it happened. */
async function dispatch({ effect, connector }: Sending, { signal, late }: { signal: AbortSignal; late: (result: DispatchResult) => void }): Promise<Dispatched> {
  const { runId, tool, key, businessKey, externalRef, semantics, attempt, request } = effect;
  try {
    return await answerWithin({ signal, timeoutMs: connector.timeoutMs, late }, (aborted) =>
      connector.dispatch({ runId, tool, key, businessKey, externalRef, semantics, attempt, signal: aborted }, request),
    );
  } catch (error) {
    return semantics === "NON_IDEMPOTENT" ? { status: "unknown", error } : { status: "retry", error, mayHaveHappened: true };
  }
}

/** What is recorded of an answer. It is somebody else's code: it may be anything. */
function outcomeOf({ effect, connector, tool }: Sending, result: Dispatched): DispatchOutcome {
  const checkable = effect.semantics === "IDEMPOTENT" || tool?.options.statusCheck !== undefined || connector.observe !== undefined;
  switch (result?.status) {
    case "confirmed":
      return confirmed({ effect, tool }, result);
    case "failed":
      return { status: "failed", error: toRecorded(result.error) };
    case "retry":
      return { status: "retry", error: toRecorded(result.error ?? new Error(`${connector.name} did not send it`)), ...(result.afterMs !== undefined && { afterMs: result.afterMs }), ...("mayHaveHappened" in result && { mayHaveHappened: true }) };
    case "unknown":
      return { status: "unknown", reason: "the acknowledgement was lost", checkable, ...(result.error !== undefined && { error: toRecorded(result.error) }) };
    default:
      return { status: "unknown", reason: `${connector.name} answered something that is no status`, checkable };
  }
}

type Confirmed = { result?: unknown; externalRef?: string; notStorable?: string };

/** A confirmation as the store takes it, with its tool's own words. */
export function confirmed(
  { effect, tool }: { effect: { request: unknown }; tool: OutboxDefinition | undefined },
  { result, externalRef, notStorable }: Confirmed,
): Extract<DispatchOutcome, { status: "confirmed" }> {
  const kept = plain(result);
  const compensator = tool?.compensator();
  const summary = wordsOf(() => tool?.options.summary?.(effect.request, kept.value));
  return {
    status: "confirmed",
    result: kept.value,
    ...(typeof externalRef === "string" && { externalRef }),
    ...(typeof summary === "string" && { summary }),
    ...((notStorable ?? kept.notStorable) !== undefined && { notStorable: notStorable ?? kept.notStorable }),
    ...(tool && compensator && { obligation: obligationBy(compensator, { input: effect.request, result: kept.value, connector: tool.connector, ...(typeof externalRef === "string" && { externalRef }) }) }),
  };
}

/** As the journal will give it back; what is not JSON did happen all the same. */
function plain(result: unknown): { value: unknown; notStorable?: string } {
  try {
    const text = JSON.stringify(result);
    return { value: text === undefined ? null : (JSON.parse(text) as unknown) };
  } catch (error) {
    return { value: null, notStorable: `it is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Words are not worth an outcome. */
function wordsOf(say: () => string | undefined): string | undefined {
  try {
    return say();
  } catch {
    return undefined;
  }
}
