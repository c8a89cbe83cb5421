import type { Logger } from "../log.ts";
import { onceAtATime } from "./once-at-a-time.ts";
import type { Outlet } from "./outlet.ts";

/** One reader of something that only grows, each piece of it under a number. `at` is the last number it was sent. */
export interface FeedMember {
  readonly watchId: string;
  readonly outlet: Outlet;
  at: number;
  /** In step with the room; else it reads its own pages until it is. */
  isLive: boolean;
}

export interface FeedOptions<Item, Member extends FeedMember> {
  /** What follows `after`, in order, at most `limit`. Fewer than that: there is no more now. */
  read: (after: number, limit: number) => Promise<Item[]>;
  numberOf: (item: Item) => number;
  emit: (member: Member, items: Item[]) => void;
  /** Pieces that one statement reads. */
  page: number;
  log: Logger;
}

/** A read that failed is tried again after this long (ms). */
const RETRY_MS = 1000;

/**
 * Those who follow one thing. What is new is read once and sent to all that are in step; who joins late, comes back or is
 * slow reads pages of its own, one at a time and only as fast as it takes them, until it is in step too.
 */
export function createFeedRoom<Item, Member extends FeedMember>({ read, numberOf, emit, page, log }: FeedOptions<Item, Member>) {
  const members = new Set<Member>();
  /** Every live member has everything up to here. */
  let at = 0;
  /** The highest number a hint has named. */
  let hinted = 0;

  const pump = onceAtATime(async () => {
    while (hasLive(members)) {
      const from = at;
      const items = await read(from, page);
      // The last live member left meanwhile and one that is further back joined.
      if (at !== from) continue;
      const last = items.at(-1);
      if (last === undefined) return;
      at = numberOf(last);
      for (const member of members) if (member.isLive) send(member, items);
      if (items.length < page) return;
    }
  });

  function send(member: Member, items: readonly Item[]): void {
    if (member.outlet.isCongested()) {
      member.isLive = false;
      void catchUp(member);
      return;
    }
    const fresh = items.filter((item) => numberOf(item) > member.at);
    const last = fresh.at(-1);
    if (last === undefined) return;
    emit(member, fresh);
    member.at = numberOf(last);
  }

  async function catchUp(member: Member): Promise<void> {
    while (members.has(member) && !member.isLive) {
      await member.outlet.whenReady();
      try {
        const items = await read(member.at, page);
        if (!members.has(member)) return;
        const last = items.at(-1);
        if (last !== undefined) {
          emit(member, items);
          member.at = numberOf(last);
        }
        if (items.length < page) join(member);
      } catch (error) {
        log.warn({ err: error }, "what is new could not be read; trying again");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** In step, unless the room went on while the last page was read. */
  function join(member: Member): void {
    if (!hasLive(members)) at = member.at;
    if (member.at < at) return;
    member.isLive = true;
    if (hinted > member.at) pumpSoon();
  }

  function pumpSoon(): void {
    pump().catch((error: unknown) => log.warn({ err: error }, "what is new could not be read; the next poll tries again"));
  }

  return {
    members: members as ReadonlySet<Member>,
    /** From now on the member gets everything after its `at` once and in order. */
    add(member: Member): void {
      members.add(member);
      void catchUp(member);
    },
    remove: (member: Member) => void members.delete(member),
    /** It grew to this number. */
    grew(to: number): void {
      hinted = Math.max(hinted, to);
      if (to > at) pumpSoon();
    },
    /** Looks for what is new. Rejects when the database does not answer. */
    refresh: pump,
  };
}

function hasLive(members: ReadonlySet<FeedMember>): boolean {
  for (const member of members) if (member.isLive) return true;
  return false;
}
