import { appendToRun, inTransaction, type Store } from "@tape/store";

/** Lets a run's journal grow by so many entries, `perCommit` at a time, as a driver's would. */
export async function grow(store: Store, runId: string, entries: number, perCommit = entries): Promise<void> {
  for (let done = 0; done < entries; done += perCommit) {
    const size = Math.min(perCommit, entries - done);
    await inTransaction(store, async (tx) => {
      await tx.query("SELECT FROM tape.runs WHERE id = $1 FOR UPDATE", [runId]);
      const happenings = Array.from({ length: size }, (_, n) => {
        const key = `${runId}//d0/now/${done + n}`;
        return { kind: "run" as const, verb: "sampled" as const, payload: { key, name: "now", fingerprint: "f", value: done + n } };
      });
      await appendToRun(tx, { runId, happenings });
    });
  }
}
