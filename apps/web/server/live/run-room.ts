import type { Entry, Run } from "@tape/core";
import type { Logger } from "../log.ts";
import { onceAtATime } from "./once-at-a-time.ts";
import type { RunMember, RunRoom } from "./run-member.ts";
import type { LiveReads } from "./types.ts";

/** Entries that travel in one message, and are read in one statement. */
export const PAGE = 500;
/** The run's row is told at most this often (ms). */
const RUN_EVERY_MS = 150;
/** A read that failed is tried again after this long (ms). */
const RETRY_MS = 1000;

/**
 * Those who watch one run. What is new is read once and sent to all that are in step; who joins late, comes back or is slow
 * reads pages of its own, one at a time and only as fast as it takes them, until it is in step too.
 */
export function createRunRoom(runId: string, { reads, log }: { reads: LiveReads; log: Logger }): RunRoom {
  const members = new Set<RunMember>();
  /** Every live member has all entries up to here. */
  let seq = 0;
  /** The highest number a hint has named. */
  let hinted = 0;
  let run: Run | null = null;
  let runTimer: ReturnType<typeof setTimeout> | undefined;

  const pump = onceAtATime(async () => {
    while (hasLive(members)) {
      const from = seq;
      const entries = await reads.entries(runId, from, PAGE);
      // The last live member left meanwhile and one that is further back joined.
      if (seq !== from) continue;
      const last = entries.at(-1);
      if (last === undefined) return;
      seq = last.seq;
      for (const member of members) if (member.isLive) send(member, entries);
      if (entries.length < PAGE) return;
    }
  });

  const readRun = onceAtATime(async () => {
    run = await reads.run(runId);
    for (const member of members) void tellRun(member);
  });

  function send(member: RunMember, entries: readonly Entry[]): void {
    if (member.outlet.isCongested()) {
      member.isLive = false;
      void catchUp(member);
      return;
    }
    const fresh = entries.filter((entry) => entry.seq > member.seq);
    if (fresh.length === 0) return;
    member.outlet.socket.emit("entries", { watchId: member.watchId, runId, entries: fresh });
    member.seq = fresh.at(-1)?.seq ?? member.seq;
  }

  async function catchUp(member: RunMember): Promise<void> {
    while (members.has(member) && !member.isLive) {
      await member.outlet.whenReady();
      try {
        const entries = await reads.entries(runId, member.seq, PAGE);
        if (!members.has(member)) return;
        const last = entries.at(-1);
        if (last !== undefined) {
          member.outlet.socket.emit("entries", { watchId: member.watchId, runId, entries });
          member.seq = last.seq;
        }
        if (entries.length < PAGE) join(member);
      } catch (error) {
        log.warn({ err: error, runId }, "entries could not be read; trying again");
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** In step, unless the room went on while the last page was read. */
  function join(member: RunMember): void {
    if (!hasLive(members)) seq = member.seq;
    if (member.seq < seq) return;
    member.isLive = true;
    if (hinted > member.seq) pumpSoon();
  }

  async function tellRun(member: RunMember): Promise<void> {
    await member.outlet.whenReady();
    if (run === null || !members.has(member) || member.told === run) return;
    const isNews = member.told === null || JSON.stringify(member.told) !== JSON.stringify(run);
    member.told = run;
    if (isNews) member.outlet.socket.emit("run", { watchId: member.watchId, run });
  }

  function pumpSoon(): void {
    pump().catch((error: unknown) => log.warn({ err: error, runId }, "entries could not be read; the next poll tries again"));
  }

  function readRunSoon(): void {
    runTimer ??= setTimeout(() => {
      runTimer = undefined;
      readRun().catch((error: unknown) => log.warn({ err: error, runId }, "the run could not be read; the next poll tries again"));
    }, RUN_EVERY_MS);
  }

  return {
    members,
    add(member) {
      members.add(member);
      void catchUp(member);
      // What changed since its row was read.
      readRunSoon();
    },
    remove(member) {
      members.delete(member);
      if (members.size === 0) clearTimeout(runTimer);
    },
    changed(to) {
      hinted = Math.max(hinted, to ?? 0);
      if (to !== undefined && to > seq) pumpSoon();
      readRunSoon();
    },
    async refresh() {
      await pump();
      await readRun();
    },
  };
}

function hasLive(members: ReadonlySet<RunMember>): boolean {
  for (const member of members) if (member.isLive) return true;
  return false;
}
