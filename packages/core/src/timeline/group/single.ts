import type { EntryOf } from "../../entry/index.ts";
import { sentenceFor } from "../../words/sentence/index.ts";
import type { StateWords } from "../../words/tone.ts";
import type { TimelineItem } from "../item.ts";
import { begunBy, itemOf, type GroupBase } from "./group.ts";

/** One entry that is one row: a child run, or a budget that was exceeded or raised. */
export interface SingleGroup extends GroupBase {
  readonly kind: "child" | "budget";
  readonly entry: EntryOf<"run", "child"> | EntryOf<"budget", "exceeded"> | EntryOf<"budget", "raised">;
}

export function beginSingle(entry: SingleGroup["entry"]): SingleGroup {
  const kind = entry.kind === "run" ? "child" : "budget";
  return { ...begunBy(entry, `${kind}:${entry.seq}`), kind, entry };
}

const CHILD: StateWords = { tone: "quiet", word: "started", icon: "git-branch" };
const BUDGET: Readonly<Record<"exceeded" | "raised", StateWords>> = {
  exceeded: { tone: "operator", word: "over budget", icon: "wallet" },
  raised: { tone: "quiet", word: "budget raised", icon: "wallet" },
};

export function singleItem(group: SingleGroup): TimelineItem {
  const { entry } = group;
  const gate = entry.verb === "raised" ? { gateId: entry.payload.gateId } : {};
  return itemOf(group, entry.kind === "run" ? CHILD : BUDGET[entry.verb], {
    kind: group.kind,
    sentence: sentenceFor(entry),
    endedAt: entry.at,
    key: entry.payload.key,
    refs: entry.kind === "run" ? { runId: entry.payload.runId } : gate,
  });
}
