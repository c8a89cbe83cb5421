import type { Happening, RecordedError } from "@tape/core";
import type { Append } from "@tape/store";
import { append } from "../append.ts";
import { freeBusinessKey } from "../effect/business-key.ts";
import type { Settlement } from "../effect/settle.ts";
import { ofRun, type EffectRow, type Model, type RunRow } from "../model.ts";

/** A run that no driver holds any more, or is about to. */
export type Settling = MoveOf<Append> & {
  run: RunRow;
  /** Who settles it: said of what is not sent any more. */
  settlement: Settlement;
  /** What is said before its effects, and after them. */
  before?: readonly Happening[];
  after?: readonly Happening[];
};

type MoveOf<A> = A extends Append ? Omit<A, "runId" | "happenings" | "settles" | "inbox" | "foreignOutcomes" | "openEffects" | "armed"> : never;

/**
 * Settles runs: `settledAt` is set, and what is PENDING in them gets the truth (D14). An inline effect may have happened:
 * UNKNOWN, to be asked after at once; but in a run that is parked until the next try, its last try has failed, and so has
 * it. One of the outbox that nobody began to send did not happen, unless an earlier sending of an IDEMPOTENT one did, nor did anything by a tool that only reads: FAILED,
 * `cancelled`. What is being sent at this moment is left to whoever sends it.
 */
export function settleRuns(model: Model, settlings: readonly Settling[]): void {
  for (const settling of settlings) settleRun(model, settling);
}

function settleRun(model: Model, { run, settlement, before = [], after = [], ...move }: Settling): void {
  const endings = pendingOf(model, run).map((effect) => endingOf(model, run, effect, settlement));
  const { firstSeq } = append(model, {
    ...move,
    runId: run.id,
    happenings: [...before, ...endings.map(({ told }) => told), ...after],
    openEffects: -endings.filter(({ told }) => told.verb === "failed").length,
    settles: true,
  });
  endings.forEach(({ effect, told }, place) => {
    effect.dueAt = effect.claim = effect.claimExpiresAt = null;
    effect.checks = 0;
    if (told.verb === "failed") {
      effect.status = "FAILED";
      effect.outcomeSeq = firstSeq + before.length + place;
      effect.settledAt = model.now;
      freeBusinessKey(model, effect);
    } else {
      effect.status = "UNKNOWN";
      effect.unknownSince = effect.nextCheckAt = model.now;
    }
  });
  if (endings.some(({ told }) => told.verb === "unknown")) model.hints.push({ on: "reactors" });
}

/** What is PENDING and not being sent, in the order it was made. */
function pendingOf(model: Model, run: RunRow): EffectRow[] {
  return ofRun(model.effects, run.id)
    .filter(({ status, dispatch, inFlightAt }) => status === "PENDING" && (dispatch === "INLINE" || inFlightAt === null))
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

interface Ending {
  effect: EffectRow;
  told: Extract<Happening, { kind: "effect"; verb: "unknown" | "failed" }>;
}

function endingOf(model: Model, run: RunRow, effect: EffectRow, settlement: Settlement): Ending {
  const step = { effectId: effect.id, key: effect.key };
  const wasSent = effect.dispatch === "OUTBOX" && effect.semantics === "IDEMPOTENT" && effect.attempts > 1;
  const error = run.status === "WAITING" && !wasSent ? lastFailureOf(model, effect) : null;
  if (error !== null) return { effect, told: { kind: "effect", verb: "failed", payload: { ...step, ...settlement, error } } };
  if (wasSent || (effect.dispatch === "INLINE" && effect.semantics !== "OBSERVE_ONLY")) {
    return { effect, told: { kind: "effect", verb: "unknown", payload: { ...step, reason: "nobody is left who could say how it ended" } } };
  }
  const hadEnded = run.status === "COMPLETED" || run.status === "FAILED";
  const cancelled = { name: "RunCancelled", message: `its run was ${hadEnded ? "to be compensated" : "cancelled"} before this was done` };
  return { effect, told: { kind: "effect", verb: "failed", payload: { ...step, ...settlement, reason: "cancelled", error: cancelled } } };
}

/** What its last try failed with, if nothing was said of it since. */
function lastFailureOf(model: Model, { runId, id }: EffectRow): RecordedError | null {
  const last = model.journals.get(runId)!.findLast(({ kind, ref }) => kind === "effect" && ref === id);
  return last?.verb === "attempt_failed" ? (last.payload as { error: RecordedError }).error : null;
}
