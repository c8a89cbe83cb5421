import { sayIntent } from "../../words/sentence/effect.ts";
import { sayError } from "../../words/sentence/error.ts";
import { figuresOf } from "../../words/figures.ts";
import { foreign, toolSentence } from "../../words/text.ts";
import { EFFECT_WORDS, OBLIGATION_WORDS, type StateWords } from "../../words/tone.ts";
import type { TimelineItem } from "../item.ts";
import type { EffectGroup } from "./effect.ts";
import { itemOf } from "./group.ts";

export function effectItem(group: EffectGroup): TimelineItem {
  return itemOf(group, wordsOf(group), {
    kind: "effect",
    sentence: sayEffectGroup(group),
    endedAt: group.settled?.at ?? null,
    ...measured(group),
    key: group.key,
    attempts: group.attempts,
    refs: { effectId: group.effectId, ...(group.intended?.payload.gateId !== undefined && { gateId: group.intended.payload.gateId }) },
    waiting: group.status === "UNKNOWN",
    inverses: group.obligations.length,
    waits: group.waits,
  });
}

/** What the one attempt took as its driver measured it; with more to it than that, from the intent to the outcome. */
function measured({ attempts, settled, waits }: EffectGroup): { durationMs?: number } {
  const durationMs = attempts === 1 && waits.length === 0 ? settled?.payload.durationMs : undefined;
  return durationMs === undefined ? {} : { durationMs };
}

const CONFLICT: StateWords = { tone: "operator", word: "conflict", icon: "triangle-alert" };
const NEEDS_PERSON: StateWords = { tone: "operator", word: "needs a person", icon: "life-buoy" };
const NOT_DONE: StateWords = { tone: "quiet", word: "not done", icon: "circle-slash", struck: true };

function wordsOf(group: EffectGroup): StateWords {
  if (group.conflicts > 0) return CONFLICT;
  if (group.undone) return OBLIGATION_WORDS.COMPENSATED;
  if (group.status === "UNKNOWN" && group.needsPerson) return NEEDS_PERSON;
  if (isNotDone(group)) return NOT_DONE;
  return EFFECT_WORDS[group.status];
}

/** What the effect is or did, in one sentence. */
export function sayEffectGroup(group: EffectGroup): string {
  const { intended, settled } = group;
  const intent = intended === null ? nameOf(group) : sayIntent(intended.payload);
  if (group.status === "UNKNOWN") return `${intent}: no acknowledgement, it may have happened`;
  if (settled === null) return intent;
  if (isNotDone(group)) return `${intent}: not done, the run was cancelled`;
  if (settled.verb === "failed") return `${intent} failed: ${sayError(settled.payload.error)}`;
  if (settled.payload.summary !== undefined) return toolSentence(settled.payload.summary);
  const figures = intended?.payload.summary === undefined ? figuresOf(settled.payload.result) : "";
  return figures === "" || intent.includes(figures) ? intent : `${intent} → ${figures}`;
}

/** Its body, or whoever settled the run, says that nothing was done. */
function isNotDone({ settled }: EffectGroup): boolean {
  return settled?.verb === "failed" && settled.payload.reason === "cancelled";
}

export function nameOf(group: EffectGroup): string {
  return group.intended === null ? "an effect" : foreign(group.intended.payload.tool, 60);
}
