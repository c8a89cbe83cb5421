import { z } from "zod";
import { instant } from "../json.ts";
import { budgetEntries } from "./budget.ts";
import { decisionEntries } from "./decision.ts";
import { effectEntries } from "./effect.ts";
import { gateEntries } from "./gate.ts";
import { obligationEntries } from "./obligation.ts";
import { runEntries } from "./run.ts";
import { signalEntries } from "./signal.ts";
import { timerEntries } from "./timer.ts";
import { valueEntries } from "./value.ts";

/** Everything that can happen to a run: kind → verb → payload. A new thing that can happen starts here. */
export const entryPayloads = {
  run: runEntries,
  decision: decisionEntries,
  effect: effectEntries,
  obligation: obligationEntries,
  gate: gateEntries,
  signal: signalEntries,
  timer: timerEntries,
  value: valueEntries,
  budget: budgetEntries,
} as const;

export type EntryKind = keyof typeof entryPayloads;
export const ENTRY_KINDS = Object.keys(entryPayloads) as [EntryKind, ...EntryKind[]];

/** What happened, before the journal gave it a place: the part a writer supplies. */
export type Happening = {
  [K in EntryKind]: {
    [V in keyof (typeof entryPayloads)[K] & string]: (typeof entryPayloads)[K][V] extends z.ZodType
      ? { kind: K; verb: V; payload: z.infer<(typeof entryPayloads)[K][V]> }
      : never;
  }[keyof (typeof entryPayloads)[K] & string];
}[EntryKind];

/** One line of a run's journal. `seq` is gapless from 1 within its run. `dropped`: retention took its payload, which is `{}` now; the line stays. */
export type Entry = Happening & { runId: string; seq: number; at: string; dropped?: true };

/** The entry of one kind and verb: `EntryOf<"effect", "confirmed">`. */
export type EntryOf<K extends EntryKind, V extends string = string> = Extract<Entry, { kind: K; verb: V }>;

const shapes = Object.entries(entryPayloads).flatMap(([kind, verbs]) =>
  Object.entries(verbs).map(([verb, payload]) =>
    z.object({ runId: z.string(), seq: z.int(), kind: z.literal(kind), verb: z.literal(verb), at: instant, payload }),
  ),
);

/** What retention has taken the payload of. */
const dropped = z.object({ runId: z.string(), seq: z.int(), kind: z.enum(ENTRY_KINDS), verb: z.string(), at: instant, payload: z.object({}), dropped: z.literal(true) });

/** The union for readers of foreign data (client, OpenAPI). The store trusts its own rows. */
export const entrySchema = z.union([...shapes, dropped]) as unknown as z.ZodType<Entry>;

export * from "./run.ts";
export * from "./decision.ts";
export * from "./effect.ts";
export * from "./obligation.ts";
export * from "./gate.ts";
export * from "./signal.ts";
export * from "./timer.ts";
export * from "./value.ts";
export * from "./budget.ts";
