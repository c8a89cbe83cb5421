import { TapeError } from "@tape/core";
import type { EffectDefinition } from "@tape/sdk";
import { claimEffectsToCheck, nextCheckAt, recordObservation, resendEffect, type EffectToCheck, type Observation, type Store } from "@tape/store";
import type { Log } from "../log.ts";
import type { Pass } from "../loop.ts";

export interface ReconcilerOptions {
  store: Store;
  /** This worker. */
  owner: string;
  /** What it has loaded, by name. */
  tools: ReadonlyMap<string, EffectDefinition>;
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
 * Settles effects whose acknowledgement was lost: asks their counterparty with the tool's `statusCheck`, under the key
 * that it was sent with, and writes what it says. UNKNOWN is never guessed: no answer, an error or a timeout leave it
 * UNKNOWN and it is asked again later (1 s, twice as long each time, up to 5 min).
 *
 * A tool without `statusCheck` has nobody to ask: if it is IDEMPOTENT it is sent again under its key by the run itself,
 * five times; then, and for any other, a person has the word (`tape resolve`).
 */
export function reconciler({ store, owner, tools, agents, log, timeoutMs = 30_000 }: ReconcilerOptions): Pass {
  const loaded = { tools: [...tools.values()].map(({ app, name }) => ({ app, tool: name })), agents };

  const settle = async (effect: EffectToCheck, signal: AbortSignal): Promise<void> => {
    const { effectId, claim } = effect;
    const tool = tools.get(effect.tool);
    try {
      if (!tool?.options.statusCheck) return void (await resendEffect(store, { effectId, claim }));
      const observation = await ask(tool, effect, { signal, timeoutMs });
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

/** The counterparty's answer. What keeps it from answering is an answer too: it is not known. */
async function ask(tool: EffectDefinition, effect: EffectToCheck, limits: Limits): Promise<Observation> {
  const { runId, key, attempts, request } = effect;
  try {
    const answer = await within(limits, (signal) => tool.options.statusCheck?.({ runId, key, signal, attempt: attempts }, request));
    switch (answer?.status) {
      case "confirmed":
        return { ...answer, summary: summaryOf(tool, request, answer.result) };
      case "failed":
      case "absent":
      case "inconclusive":
        return answer;
      default:
        return { status: "inconclusive", message: `the statusCheck of ${tool.name} answered ${JSON.stringify(answer)}, which is no status` };
    }
  } catch (error) {
    return { status: "inconclusive", message: error instanceof Error ? error.message : String(error) };
  }
}

/** Words are not worth an outcome. */
function summaryOf({ options }: EffectDefinition, request: unknown, result: unknown): string | undefined {
  try {
    return options.summary?.(request, result);
  } catch {
    return undefined;
  }
}

interface Limits {
  /** Aborted when the worker stops. */
  signal: AbortSignal;
  timeoutMs: number;
}

/** A statusCheck that does not heed its signal must not hold up the others. */
async function within<T>({ signal, timeoutMs }: Limits, work: (signal: AbortSignal) => T): Promise<Awaited<T>> {
  const abort = new AbortController();
  const stop = () => abort.abort(new Error("the worker stopped before there was an answer"));
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  signal.addEventListener("abort", stop);
  try {
    const ended = new Promise<never>((_, reject) => abort.signal.addEventListener("abort", () => reject(abort.signal.reason as Error)));
    if (signal.aborted) stop();
    return await Promise.race([work(abort.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
