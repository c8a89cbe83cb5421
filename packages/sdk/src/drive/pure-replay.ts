import type { Entry, RecordedError } from "@tape/core";
import type { DriverRecord } from "@tape/store";
import { z } from "zod";
import { anAgent, checked } from "../given.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { Drive } from "./drive.ts";

export interface PureReplay {
  /** What the code returned or threw; null when the journal ends before the code does. */
  ended: { ok: true; output: unknown } | { ok: false; error: RecordedError } | null;
  /** What the code would do next that its journal does not know. Nothing of it was executed. */
  asks: DriverRecord[];
  /** The code and the journal differ. */
  nondeterminism: { recorded: string | null; asked: string | null; message: string } | null;
}

const recorded = z.array(z.object({ runId: z.string(), seq: z.int(), kind: z.string(), verb: z.string(), payload: z.object({}) }));

/**
 * Drives an agent's code on a journal alone: no database, no model, no tool. For tests of agents, and to see whether
 * changed code still fits the runs that are under way.
 */
export async function replayJournal(agent: AgentDefinition, entries: readonly Entry[], options: { replayTimeoutMs?: number } = {}): Promise<PureReplay> {
  checked("replayJournal", z.object({ agent: anAgent, entries: recorded }), { agent, entries });
  const runId = entries[0]?.runId ?? "";
  const replay: PureReplay = { ended: null, asks: [], nondeterminism: null };
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const claim = {
    runId, app: agent.app, agent: agent.name, owner: "replay", epoch: 1, ttlMs: 60_000, taken: "runnable" as const,
    seq: entries.length, inbox: 0, foreign: 0, losses: 0,
  };
  const drive = new Drive({
    claim,
    agent,
    ...options,
    journal: {
      read: () => Promise.resolve({ status: "RUNNING", epoch: 1, inbox: 0, foreign: 0, seq: entries.length, now: Date.now(), entries: [...entries] }),
      commit: (commit) => {
        replay.asks.push(...commit.records);
        const { end } = commit;
        if (end?.to === "COMPLETED") replay.ended = { ok: true, output: end.output };
        if (end?.to === "FAILED") replay.ended = { ok: false, error: end.error };
        if (end?.to === "STUCK" && end.reason.code === "nondeterminism") replay.nondeterminism = end.reason;
        finish();
        // What the code would do next is not done: the commit is never answered.
        return new Promise(() => {});
      },
      unpark: () => Promise.resolve(false),
      renew: () => Promise.resolve("ok"),
      noticeCancel: () => Promise.resolve(false),
      settle: () => Promise.resolve(false),
      late: () => Promise.resolve(),
    },
  });
  void drive.run().then(finish);
  await finished;
  drive.dispose();
  return replay;
}
