import type { RunCommit, RunCommitOutcome } from "@tape/store";
import type { Invariant } from "./invariant.ts";

interface Before {
  owner: string | null;
  epoch: number;
  status: string;
  seq: number;
  recorded: number;
}

/** A driver writes only under the lease that stands: its name, its epoch, a run that is RUNNING. And what is said twice is written once. */
export const fence: Invariant = {
  name: "one driver",
  watch: ({ model }, violated) => {
    const before = new Map<string, Before>();
    return {
      saying: (_, verb, given) => {
        if (verb !== "commitRuns") return;
        before.clear();
        for (const { runId } of given[0] as RunCommit[]) {
          const run = model.runs.get(runId);
          if (run) before.set(runId, { owner: run.owner, epoch: run.epoch, status: run.status, seq: run.seq, recorded: run.recorded });
        }
      },
      said: ({ verb, given, answer }) => {
        if (verb !== "commitRuns" || !answer.ok) return;
        const commits = given[0] as RunCommit[];
        (answer.value as RunCommitOutcome[]).forEach((_, place) => {
          const { runId, owner, epoch, first } = commits[place]!;
          const was = before.get(runId);
          if (!was || model.runs.get(runId)!.seq === was.seq) return;
          if (was.owner !== owner || was.epoch !== epoch || was.status !== "RUNNING") {
            violated(`${owner} wrote to run ${runId} under epoch ${epoch}, while it was ${was.status}, of ${was.owner}, epoch ${was.epoch}`);
          }
          if (was.recorded !== first) violated(`run ${runId} took record ${first} of epoch ${epoch} when ${was.recorded} had been written`);
        });
      },
    };
  },
};
