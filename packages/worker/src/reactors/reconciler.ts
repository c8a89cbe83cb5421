import { TapeError } from "@tape/core";
import { toRecorded, type EffectDefinition, type ObserveResult, type Tape } from "@tape/sdk";
import { claimEffectsToCheck, nextCheckAt, recordObservation, resendEffect, type EffectToCheck, type Observation, type Store } from "@tape/store";
import { answerWithin, type AnswerLimits } from "../answer-within.ts";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";
import { confirmed } from "./outbox.ts";

/** Where the counterparties of effects are found. */
export type Askable = Pick<Tape, "tools" | "outbox" | "connectors">;

export interface ReconcilerOptions {
  store: Store;
  /** This worker. */
  owner: string;
  /** What it has loaded. */
  tape: Askable;
  /** The agents it drives: their tools defined on the spot have nobody to ask. */
  agents: readonly { app: string; agent: string }[];
  log: Log;
  /** How long a counterparty may take to answer (ms). Default 30,000: half of what the claim lasts. */
  timeoutMs?: number;
}

/** Effects asked after at the same time. */
const BATCH = 20;
/** How long it sleeps at most: a hint that an effect became UNKNOWN may be lost (ms). */
const LONGEST_MS = 10_000;
/** What is due is another worker's at the moment (ms). */
const TAKEN_MS = 250;

/**
 * Settles effects whose acknowledgement was lost: asks their counterparty with the tool's `statusCheck`, or its
 * connector's `observe`, under the key that it was sent with, and writes what it says. UNKNOWN is never guessed: no answer, an error or a timeout leave it
 * UNKNOWN and it is asked again later (1 s, twice as long each time, up to 5 min).
 *
 * Where nobody can be asked, an IDEMPOTENT effect is sent again under its key, by the run itself or the outbox, five
 * times; then, and for any other, a person has the word (`tape resolve`).
 */
export function reconciler({ store, owner, tape, agents, log, timeoutMs = 30_000 }: ReconcilerOptions): Pass {
  const loaded = { tools: [...tape.tools.values(), ...tape.outbox.values()].map(({ app, name }) => ({ app, tool: name })), agents };

  const settle = async (effect: EffectToCheck, signal: AbortSignal): Promise<void> => {
    const { effectId, claim } = effect;
    const asker = askerOf(effect, tape);
    try {
      if (!asker) return void (await resendEffect(store, { effectId, claim }));
      const observation = await ask(asker, effect, { signal, timeoutMs });
      log.info({ runId: effect.runId, tool: effect.tool, key: effect.key, observation: observation.status }, "asked after an effect");
      await recordObservation(store, { effectId, claim, observation });
    } catch (error) {
      if (TapeError.is(error, "lease_lost")) return;
      log.warn({ runId: effect.runId, tool: effect.tool, key: effect.key, err: error }, "what was learnt of an effect could not be written; it is asked after again");
    }
  };

  return async (signal) => {
    const effects = await claimEffectsToCheck(store, { ...loaded, owner, limit: BATCH });
    await Promise.all(effects.map((effect) => settle(effect, signal)));
    if (effects.length === BATCH) return 0;
    const next = await nextCheckAt(store, loaded);
    return next ? Math.min(LONGEST_MS, Math.max(next.inMs, effects.length > 0 ? 0 : TAKEN_MS)) : LONGEST_MS;
  };
}

interface Asker {
  /** Who answers, for words. */
  who: string;
  ask(effect: EffectToCheck, signal: AbortSignal): Promise<unknown>;
  confirm(effect: EffectToCheck, answer: Confirmed): Extract<Observation, { status: "confirmed" }>;
}

type Confirmed = { status: "confirmed"; result?: unknown; externalRef?: string; notStorable?: string };

/** Who can be asked: its tool's `statusCheck`, else its connector's `observe`; undefined when nobody can. */
function askerOf(effect: EffectToCheck, { tools, outbox, connectors }: Askable): Asker | undefined {
  const inline = tools.get(effect.tool);
  const sent = outbox.get(effect.tool);
  const statusCheck = effect.dispatch === "INLINE" ? inline?.options.statusCheck : sent?.options.statusCheck;
  const observe = effect.connector === null ? undefined : connectors.get(effect.connector)?.observe;
  const confirm: Asker["confirm"] = (_, answer) =>
    effect.dispatch === "INLINE" ? { ...answer, result: answer.result, summary: inline && summaryOf(inline, effect.request, answer.result) } : confirmed({ effect, tool: sent }, answer);
  const { runId, key, attempts: attempt, request } = effect;
  if (statusCheck) return { who: `the statusCheck of ${effect.tool}`, ask: async (_, signal) => statusCheck({ runId, key, signal, attempt }, request), confirm };
  if (!observe) return undefined;
  const { tool, businessKey, externalRef, semantics } = effect;
  return { who: `${effect.connector}`, ask: async (_, signal) => observe({ runId, tool, key, businessKey, externalRef, semantics, attempt, signal }, request), confirm };
}

/** The counterparty's answer. What keeps it from answering is an answer too: it is not known. */
async function ask({ who, ask, confirm }: Asker, effect: EffectToCheck, limits: AnswerLimits<unknown>): Promise<Observation> {
  try {
    // It is somebody else's code: what it answers may be anything.
    const answer = (await answerWithin(limits, (signal) => ask(effect, signal))) as ObserveResult | null | undefined;
    switch (answer?.status) {
      case "confirmed":
        return confirm(effect, answer);
      case "failed":
        return { status: "failed", error: typeof answer.error === "string" ? answer.error : toRecorded(answer.error) };
      case "duplicate":
        return duplicate(who, answer, (one) => confirm(effect, one));
      case "absent":
      case "inconclusive":
        return answer;
      default:
        return { status: "inconclusive", message: `${who} answered ${JSON.stringify(answer)}, which is no status` };
    }
  } catch (error) {
    return { status: "inconclusive", message: error instanceof Error ? error.message : String(error) };
  }
}

function duplicate(who: string, { refs, result }: Extract<ObserveResult, { status: "duplicate" }>, confirm: (answer: Confirmed) => Extract<Observation, { status: "confirmed" }>): Observation {
  const told = Array.isArray(refs) ? [...new Set(refs.map(String))] : [];
  const [first, ...extra] = told;
  if (first === undefined) return { status: "inconclusive", message: `${who} said duplicate, and of what it did not say` };
  const one = confirm({ status: "confirmed", result, externalRef: first });
  if (extra.length === 0) return one;
  return { ...one, status: "duplicate", refs: told };
}

/** Words are not worth an outcome. */
function summaryOf({ options }: EffectDefinition, request: unknown, result: unknown): string | undefined {
  try {
    return options.summary?.(request, result);
  } catch {
    return undefined;
  }
}
