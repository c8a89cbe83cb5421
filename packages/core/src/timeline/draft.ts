import type { Entry } from "../entry/index.ts";
import { itemFor, type Group, type GroupOf } from "./group/index.ts";
import { withSeq } from "./group/group.ts";
import type { TimelineItem } from "./item.ts";

/** What the reducer remembers beside the rows. Positions are indexes into `groups`. */
export interface Memory {
  readonly lastSeq: number;
  readonly lastAt: string | null;
  /** The newest drive. */
  readonly drive: number | null;
  /** The milestone or drive whose wait for a worker is open. */
  readonly undriven: number | null;
  /** The newest cancellation or compensation: what is noticed and settled. */
  readonly closing: number | null;
  /** The row of a cancellation whose last driver has not left, when compensation was asked for since. */
  readonly cancelling: number | null;
  /** A stuck or failed milestone that nobody has dealt with. */
  readonly trouble: number | null;
  /** Signals that are awaited and have not come, oldest first. */
  readonly awaited: readonly { readonly name: string; readonly position: number }[];
  /** Gates that timed out and were not asked again of others, oldest first. */
  readonly expired: readonly number[];
  /** The agent's version that drove last. */
  readonly version: string | null;
}

/**
 * A timeline that can be extended. Immutable for its readers. `index` (group id → position) is shared with the states
 * made from this one and may know more than it: a position is a function of the journal alone, so one beyond this
 * state's groups only means "not yet".
 */
export interface TimelineState {
  readonly items: readonly TimelineItem[];
  readonly groups: readonly Group[];
  readonly index: Map<string, number>;
  readonly memory: Memory;
}

export function emptyTimeline(): TimelineState {
  const memory: Memory = { lastSeq: 0, lastAt: null, drive: null, undriven: null, closing: null, cancelling: null, trouble: null, awaited: [], expired: [], version: null };
  return { items: [], groups: [], index: new Map(), memory };
}

/** The next state while entries are applied: groups are replaced at once, rows are made once at the end. */
export class Draft {
  readonly #items: TimelineItem[];
  readonly #groups: Group[];
  readonly #index: Map<string, number>;
  readonly #changed = new Set<number>();
  #memory: Memory;
  #lastSeq: number;
  #lastAt: string | null;

  constructor(state: TimelineState) {
    this.#items = [...state.items];
    this.#groups = [...state.groups];
    this.#index = state.index;
    this.#memory = state.memory;
    this.#lastSeq = state.memory.lastSeq;
    this.#lastAt = state.memory.lastAt;
  }

  get memory(): Omit<Memory, "lastSeq" | "lastAt"> {
    return this.#memory;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get lastAt(): string | null {
    return this.#lastAt;
  }

  remember(changes: Partial<Omit<Memory, "lastSeq" | "lastAt">>): void {
    this.#memory = { ...this.#memory, ...changes };
  }

  /** `entry` has found its place. */
  passed(entry: Entry): void {
    this.#lastSeq = entry.seq;
    this.#lastAt = entry.at;
  }

  /** The position of a group, or null when the journal has not come to it. */
  find(id: string): number | null {
    const position = this.#index.get(id);
    return position !== undefined && this.#groups[position]?.id === id ? position : null;
  }

  get<K extends Group["kind"]>(position: number | null, kind: K): GroupOf<K> | null {
    const group = position === null ? undefined : this.#groups[position];
    return group?.kind === kind ? (group as GroupOf<K>) : null;
  }

  get lastPosition(): number | null {
    return this.#groups.length === 0 ? null : this.#groups.length - 1;
  }

  /** A new row. */
  add(group: Group): number {
    const position = this.#groups.push(group) - 1;
    this.#index.set(group.id, position);
    this.#changed.add(position);
    return position;
  }

  /** `entry` belongs to the group at `position`, which becomes `group`. */
  give(position: number, entry: Entry, group: Group): void {
    this.touch(position, withSeq(group, entry));
  }

  /** The group changes because of an entry that belongs to another one. */
  touch(position: number, group: Group): void {
    this.#groups[position] = group;
    this.#changed.add(position);
  }

  finish(): TimelineState {
    for (const position of this.#changed) {
      const group = this.#groups[position];
      if (group !== undefined) this.#items[position] = itemFor(group);
    }
    return { items: this.#items, groups: this.#groups, index: this.#index, memory: { ...this.#memory, lastSeq: this.#lastSeq, lastAt: this.#lastAt } };
  }
}
