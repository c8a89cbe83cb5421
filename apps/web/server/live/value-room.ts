import type { ValueChange } from "@tape/core";
import type { Logger } from "../log.ts";
import { createFeedRoom, type FeedMember } from "./feed-room.ts";
import type { LiveReads } from "./types.ts";

/** Versions that one statement reads: each may be 1 MiB, and comes with the one before. */
const PAGE = 32;

/** Those who watch one value: each version after the one they have, once and in order, or how many history had forgotten. */
export function createValueRoom(namespace: string, key: string, { reads, log }: { reads: LiveReads; log: Logger }) {
  const versions = createFeedRoom<ValueChange, FeedMember>({
    read: (after, limit) => reads.versions(namespace, key, after, limit),
    numberOf: (change) => change.version,
    emit: ({ watchId, outlet }, changes) => {
      for (const change of changes) outlet.emit("value", { watchId, ...change });
    },
    page: PAGE,
    log: log.child({ namespace, key }),
  });
  return { members: versions.members, add: versions.add, remove: versions.remove, changed: versions.grew, refresh: versions.refresh };
}

export type ValueRoom = ReturnType<typeof createValueRoom>;
