import type { DueTimer } from "@tape/sdk";
import type { EntryRow, Model, RunRow } from "../model/index.ts";
import type { Town } from "../town/index.ts";
import type { Process, Said, VerbName, World } from "../world/index.ts";

/** What an invariant may look at. */
export interface Scene {
  world: World;
  model: Model;
  town: Town;
}

/** What an invariant is told of, at once. */
export interface Watch {
  /** Before a verb is done. */
  saying?(by: Process | null, verb: VerbName, given: readonly unknown[]): void;
  /** After a verb that may have changed something. */
  said?(said: Said): void;
  /** A run's journal grew by these. */
  grew?(run: RunRow, fresh: readonly EntryRow[]): void;
  /** Something arrived at the bank that is to move money, and has not yet. */
  arrived?(what: "act" | "undo", key: string): void;
  /** A model is asked. */
  asked?(label: string): void;
  /** The handler of a timer begins. */
  reminded?(timer: DueTimer): void;
  /** All is quiet, or the time is up: the last word. */
  ended?(): void;
}

/** Something that must hold after every step of every schedule. */
export interface Invariant {
  /** In two or three words. */
  name: string;
  watch(scene: Scene, violated: (what: string) => void): Watch;
}

/** A field of an entry's payload. */
export function fieldOf<T = string>(entry: EntryRow, name: string): T {
  return (entry.payload as Record<string, unknown>)[name] as T;
}

export function is(entry: EntryRow, kind: EntryRow["kind"], ...verbs: string[]): boolean {
  return entry.kind === kind && verbs.includes(entry.verb);
}
