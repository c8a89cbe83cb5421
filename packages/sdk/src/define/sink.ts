import { ENTRY_KINDS, TapeError, type Entry, type EntryKind } from "@tape/core";
import { z } from "zod";
import { checked } from "../given.ts";
import { checkName } from "./name.ts";

export interface DeliveryContext {
  /** Aborted when the delivery takes longer than the sink's `timeoutMs`, and when the worker stops. */
  readonly signal: AbortSignal;
  /** 1 for the first try of these entries. */
  readonly attempt: number;
}

/**
 * A receiver of the journals of all runs, for as long as its id stands. What is recorded from its first start on is
 * delivered at least once: each run's entries in the order of `seq`, one delivery at a time, the next only after the one
 * before. What `deliver` throws is tried again after 1 s, then twice as long each time, up to 5 min, for ever: nothing is skipped.
 */
export interface Sink {
  /** How its place in the feed is found again: keep it. Another id is another sink, and begins with what is recorded from then on. */
  readonly id: string;
  /** Only these kinds of entries. */
  readonly kinds?: readonly EntryKind[];
  /** Entries of one delivery at most. Default 100. */
  readonly batch?: number;
  /** How long one delivery may take (ms), 1 to 300,000. Default 30,000. */
  readonly timeoutMs?: number;
  /**
   * Delivers. May be given the same entries again, after a failure or a crash: tell them by {@link eventIdOf}.
   *
   * @throws {SinkGone} to stop the sink until a person has it resumed
   */
  deliver(entries: readonly Entry[], context: DeliveryContext): Promise<void>;
}

/** Thrown by `deliver`: the receiver wants no more. The sink is stopped until somebody has it resumed (`tape sinks resume`). */
export class SinkGone extends Error {
  override readonly name = "SinkGone";
}

/** The same for every delivery of an entry: `<runId>/<seq>`. */
export function eventIdOf(entry: Pick<Entry, "runId" | "seq">): string {
  const { runId, seq } = checked("eventIdOf", z.object({ runId: z.string(), seq: z.int() }), entry);
  return `${runId}/${seq}`;
}

/** @throws {TapeError} `invalid_input` naming the sink and the option */
export function checkSinks(sinks: readonly Sink[]): void {
  const known = new Set<string>();
  for (const { id, kinds = [], batch = 1, timeoutMs = 1, deliver } of sinks) {
    checkName("sink", id);
    if (!Array.isArray(kinds)) throw new TapeError("invalid_input", `sink ${id}: kinds are a list`);
    if (known.has(id)) throw new TapeError("invalid_input", `sink ${id} is defined twice; its place in the feed is found by its id`);
    known.add(id);
    const unknown = kinds.find((kind) => !ENTRY_KINDS.includes(kind));
    if (unknown !== undefined) throw new TapeError("invalid_input", `sink ${id}: kinds are of ${ENTRY_KINDS.join(", ")}, and ${String(unknown)} is none`);
    if (!isWithin(batch, 1, 1_000)) throw new TapeError("invalid_input", `sink ${id}: batch is a whole number from 1 to 1,000`);
    if (!isWithin(timeoutMs, 1, 300_000)) throw new TapeError("invalid_input", `sink ${id}: timeoutMs is from 1 to 300,000`);
    if (typeof deliver !== "function") throw new TapeError("invalid_input", `sink ${id} has no deliver`);
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
