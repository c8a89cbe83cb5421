import type { Entry, Run } from "@tape/core";
import type { Logger } from "../log.ts";
import { createFeedRoom, type FeedMember } from "./feed-room.ts";
import { onceAtATime } from "./once-at-a-time.ts";
import type { LiveReads } from "./types.ts";

/** One watch of a run. `at` is the `seq` of the last entry it was sent. */
export interface RunMember extends FeedMember {
  /** The run's row as it was sent last. */
  told: Run | null;
  /** Is told of the row alone, not of the journal. */
  isRowOnly?: boolean;
}

/** Entries that travel in one message, and are read in one statement. */
export const PAGE = 500;
/** The run's row is told at most this often (ms). */
const RUN_EVERY_MS = 150;

/** Those who watch one run: each entry of its journal once and in order, and its row as it changes. */
export function createRunRoom(runId: string, { reads, log }: { reads: LiveReads; log: Logger }) {
  const members = new Set<RunMember>();
  let run: Run | null = null;
  let runTimer: ReturnType<typeof setTimeout> | undefined;
  let nextReadAtMs = 0;

  const journal = createFeedRoom<Entry, RunMember>({
    read: (after, limit) => reads.entries(runId, after, limit),
    numberOf: (entry) => entry.seq,
    emit: ({ watchId, outlet }, entries) => outlet.emit("entries", { watchId, runId, entries }),
    page: PAGE,
    log: log.child({ runId }),
  });

  const readRun = onceAtATime(async () => {
    run = await reads.run(runId);
    for (const member of members) void tellRun(member);
  });

  async function tellRun(member: RunMember): Promise<void> {
    await member.outlet.whenReady();
    if (run === null || !members.has(member) || member.told === run) return;
    const isNews = member.told === null || JSON.stringify(member.told) !== JSON.stringify(run);
    member.told = run;
    if (isNews) member.outlet.emit("run", { watchId: member.watchId, run });
  }

  /** At once after a time of rest. */
  function readRunSoon(): void {
    const waitMs = Math.max(0, nextReadAtMs - performance.now());
    runTimer ??= setTimeout(() => {
      runTimer = undefined;
      nextReadAtMs = performance.now() + RUN_EVERY_MS;
      readRun().catch((error: unknown) => log.warn({ err: error, runId }, "the run could not be read; the next poll tries again"));
    }, waitMs);
  }

  return {
    members: members as ReadonlySet<RunMember>,
    add(member: RunMember): void {
      members.add(member);
      if (!member.isRowOnly) journal.add(member);
      // What changed since its row was read.
      readRunSoon();
    },
    remove(member: RunMember): void {
      members.delete(member);
      journal.remove(member);
      if (members.size > 0) return;
      clearTimeout(runTimer);
      runTimer = undefined;
    },
    /** The journal grew to `seq`, or (none given) something else of the run may have changed. */
    changed(seq?: number): void {
      if (seq !== undefined) journal.grew(seq);
      readRunSoon();
    },
    /** Reads everything again. Rejects when the database does not answer. */
    async refresh(): Promise<void> {
      await journal.refresh();
      await readRun();
    },
  };
}

export type RunRoom = ReturnType<typeof createRunRoom>;
