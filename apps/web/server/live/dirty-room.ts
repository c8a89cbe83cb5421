import type { Logger } from "../log.ts";
import { onceAtATime } from "./once-at-a-time.ts";
import type { Outlet } from "./outlet.ts";

export interface DirtyMember {
  readonly watchId: string;
  readonly outlet: Outlet;
  /** Not acknowledged yet: what happens meanwhile is owed. */
  isHeld: boolean;
  /** What changed while it could not be told: read again for it alone. */
  owed: Set<string>;
}

export interface DirtyRoomOptions<Message> {
  /** What to tell about these keys; null when there is nothing. */
  read: (keys: string[]) => Promise<Message | null>;
  emit: (member: DirtyMember, message: Message) => void;
  log: Logger;
  /** Changes are gathered for this long (ms). */
  gatherMs?: number;
}

/** Keys that one statement reads. */
const CHUNK = 200;
/** A reader that owes this many is dropped; it connects again and asks anew. */
const MOST_OWED = 5_000;
/** A read that failed is tried again after this long (ms). */
const RETRY_MS = 1000;

/**
 * Those who watch one list. Keys that changed are gathered for a moment, read once and told to all; for a slow reader they
 * are remembered, each once, and read again when it has room.
 */
export function createDirtyRoom<Message>({ read, emit, log, gatherMs = 100 }: DirtyRoomOptions<Message>) {
  const members = new Set<DirtyMember>();
  let dirty = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = onceAtATime(async () => {
    const keys = [...dirty];
    dirty = new Set();
    try {
      await tell(keys, members);
    } catch (error) {
      log.warn({ err: error }, "a list could not be read; trying again");
      for (const key of keys) dirty.add(key);
      flushIn(RETRY_MS);
    }
  });

  async function tell(keys: string[], to: Iterable<DirtyMember>): Promise<void> {
    for (let start = 0; start < keys.length; start += CHUNK) {
      const chunk = keys.slice(start, start + CHUNK);
      const message = await read(chunk);
      if (message !== null) for (const member of to) tellOne(member, chunk, message);
    }
  }

  function tellOne(member: DirtyMember, keys: string[], message: Message): void {
    if (!member.isHeld && member.owed.size === 0 && !member.outlet.isCongested()) return emit(member, message);
    const isSettling = member.isHeld || member.owed.size > 0;
    for (const key of keys) member.owed.add(key);
    if (member.owed.size > MOST_OWED) return member.outlet.drop();
    if (!isSettling) void settle(member);
  }

  async function settle(member: DirtyMember): Promise<void> {
    while (members.has(member) && member.owed.size > 0) {
      await member.outlet.whenReady();
      const keys = [...member.owed].slice(0, CHUNK);
      try {
        const message = await read(keys);
        for (const key of keys) member.owed.delete(key);
        if (message !== null && members.has(member)) emit(member, message);
      } catch (error) {
        log.warn({ err: error }, "a list could not be read; trying again");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  function flushIn(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (members.size > 0 && dirty.size > 0) void flush();
    }, ms);
  }

  return {
    members: members as ReadonlySet<DirtyMember>,
    add: (member: DirtyMember) => void members.add(member),
    /** The member knows its watch: from here on it is told. */
    release(member: DirtyMember) {
      member.isHeld = false;
      void settle(member);
    },
    remove(member: DirtyMember) {
      members.delete(member);
      if (members.size > 0) return;
      clearTimeout(timer);
      timer = undefined;
      dirty.clear();
    },
    changed(key: string) {
      if (members.size === 0) return;
      dirty.add(key);
      flushIn(gatherMs);
    },
    /** Tells all members something that was read elsewhere. */
    say(keys: string[], message: Message) {
      for (const member of members) tellOne(member, keys, message);
    },
  };
}

export type DirtyRoom<Message> = ReturnType<typeof createDirtyRoom<Message>>;
