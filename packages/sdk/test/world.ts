import { createTestDatabase, type TestDatabase } from "@tape/prisma/testing";
import { claimRuns, commitRuns, Committer, openStore, takeOverRuns, type Claim, type RunCommit, type RunCommitOutcome, type Store } from "@tape/store";
import type { AgentDefinition, DriveJournal, DriveResult, LateOutcome } from "../src/index.ts";
import { Drive } from "../src/index.ts";
import { storeJournal } from "../src/drive/store-journal.ts";

/** A database of its own and the store on it. */
export interface World {
  database: TestDatabase;
  store: Store;
  committer: Committer;
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const database = await createTestDatabase();
  const store = openStore({ connectionString: database.url, applicationName: "sdk test" });
  const committer = new Committer((commits) => commitRuns(store, commits), (hints) => store.hints.publish(hints));
  return {
    database,
    store,
    committer,
    close: async () => {
      await store.close();
      await database.drop();
    },
  };
}

export interface DriveSettings {
  owner?: string;
  ttlMs?: number;
  replayTimeoutMs?: number;
  /** Stands between the drive and its journal: to kill it at a boundary, or to make it slow. */
  journal?(journal: DriveJournal): DriveJournal;
}

/** Claims one run as `owner` would; takes it from a dead driver when it must. */
export async function claim(world: World, agent: AgentDefinition, settings: DriveSettings = {}): Promise<Claim> {
  const { owner = "wrk_TEST", ttlMs = 60_000 } = settings;
  const agents = [{ app: agent.app, agent: agent.name, version: agent.version }];
  const [fresh] = await claimRuns(world.store, { owner, agents, limit: 1, ttlMs, suspects: true });
  if (fresh) return fresh;
  const { claims } = await takeOverRuns(world.store, { owner, agents, limit: 1, ttlMs, maxRedrives: 1_000, sessionLocks: false, driven: [], suspects: true });
  const [taken] = claims;
  if (!taken) throw new Error("there is nothing to claim");
  return taken;
}

export function driveOf(world: World, agent: AgentDefinition, given: Claim, settings: DriveSettings = {}): Drive {
  const journal = storeJournal(world.store, world.committer, given);
  return new Drive({ claim: given, agent, journal: settings.journal?.(journal) ?? journal, replayTimeoutMs: settings.replayTimeoutMs });
}

/** Claims and drives until the run is parked, ended or lost. */
export async function driveOnce(world: World, agent: AgentDefinition, settings: DriveSettings = {}): Promise<DriveResult> {
  return driveOf(world, agent, await claim(world, agent, settings), settings).run();
}

/** The lease of every run ends now, as if its driver had died long ago. */
export async function expireLeases(world: World): Promise<void> {
  await world.store.pool.query("UPDATE tape.runs SET lease_expires_at = tape.now() - interval '1 second' WHERE status = 'RUNNING'");
}

/** A process that dies at its nth boundary: before a commit is sent, or after it went through and before it is known. */
export class Death {
  private crossed = 0;
  dead = false;
  private readonly underWay = new Set<Promise<unknown>>();
  constructor(private readonly at: number) {}

  /** True when the process dies here. */
  crosses(): boolean {
    if (!this.dead && this.crossed++ === this.at) this.dead = true;
    return this.dead;
  }

  /** Resolves when no commit of the dead driver is on its way any more. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  journal(journal: DriveJournal): DriveJournal {
    return {
      read: (fromSeq) => (this.dead ? never() : journal.read(fromSeq)),
      commit: async (commit: RunCommit): Promise<RunCommitOutcome> => {
        if (this.crosses()) return never();
        const sent = journal.commit(commit);
        this.underWay.add(sent);
        const outcome = await sent.finally(() => this.underWay.delete(sent));
        return this.crosses() ? never() : outcome;
      },
      unpark: (epoch) => (this.dead ? never() : journal.unpark(epoch)),
      renew: (epoch) => (this.dead ? never() : journal.renew(epoch)),
      noticeCancel: (epoch) => (this.dead ? never() : journal.noticeCancel(epoch)),
      settle: (epoch) => (this.dead ? never() : journal.settle(epoch)),
      late: (outcome: LateOutcome) => (this.dead ? never() : journal.late(outcome)),
    };
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
