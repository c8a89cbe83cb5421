import type { z } from "zod";
import type { Entry, EntryKind, entryPayloads } from "../../entry/index.ts";
import { START_MS, at, testFingerprint, testId } from "../fixed.ts";

type Payloads = typeof entryPayloads;
export type VerbOf<K extends EntryKind> = keyof Payloads[K] & string;
export type PayloadOf<K extends EntryKind, V extends VerbOf<K>> = Payloads[K][V] extends z.ZodType ? z.infer<Payloads[K][V]> : never;

/** Writes a journal line by line with a clock of its own: gapless `seq`, instants that only move by `after`. */
export class JournalBuilder {
  readonly entries: Entry[] = [];
  #ms = 0;
  #ids = 0;

  constructor(readonly runId: string = testId("run", 1)) {}

  /** Goes on where a journal ends. */
  static after(entries: readonly Entry[]): JournalBuilder {
    const journal = new JournalBuilder(entries[0]?.runId);
    journal.entries.push(...entries);
    journal.#ms = Date.parse(entries.at(-1)?.at ?? at(0)) - START_MS;
    journal.#ids = entries.length;
    return journal;
  }

  /** Lets time pass, in milliseconds. */
  after(ms: number): this {
    this.#ms += ms;
    return this;
  }

  get now(): string {
    return at(this.#ms);
  }

  /** The instant `ms` milliseconds from the journal's now. */
  in(ms: number): string {
    return at(this.#ms + ms);
  }

  add<K extends EntryKind, V extends VerbOf<K>>(kind: K, verb: V, payload: PayloadOf<K, V>): this {
    // The kinds and verbs correspond by the signature; the compiler cannot carry that through the union.
    this.entries.push({ runId: this.runId, seq: this.entries.length + 1, at: this.now, kind, verb, payload } as unknown as Entry);
    return this;
  }

  /** A new id of this journal. */
  id(kind: "eff" | "obl" | "gate" | "sig" | "timer"): string {
    this.#ids += 1;
    return testId(kind, this.#ids);
  }

  /** A step's key (D2). */
  key(decision: number, tool: string, call = 1): string {
    return `${this.runId}//d${decision}/${tool}/${call}`;
  }

  fingerprint(text: string): string {
    return testFingerprint(text);
  }
}
