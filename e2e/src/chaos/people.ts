import { TapeError, type Effect } from "@tape/core";
import { cancelRun, compensateRun, decideGate, getRun, listEffects, listGates, listRuns, redriveRun, resolveEffect, startRun } from "@tape/store";
import { LONGEST_STOP_MS } from "./faults.ts";
import { stubbornly, type Place } from "./place.ts";
import type { Wish } from "./wish.ts";

const ann = { id: "user:ann@example.com", email: "ann@example.com", role: "approver" } as const;
const olga = { id: "user:olga@example.com", email: "olga@example.com", role: "operator" } as const;

/** A person who says "send it" first makes sure that no worker is left that may still be about to (ms). */
const SURE_MS = LONGEST_STOP_MS + 6_000;

/** People who start runs, decide, cancel, ask for compensation and settle what only they can, whatever happens to the machines. */
export class People {
  readonly ids = new Map<number, string>();
  readonly said = { decided: 0, cancelled: 0, resolved: 0, redriven: 0 };
  private readonly seenUnknown = new Map<string, number>();
  constructor(
    private readonly place: Place,
    private readonly wishes: readonly Wish[],
  ) {}

  async start({ n, input }: Wish): Promise<void> {
    const { run } = await stubbornly(() => startRun(this.place.store, { app: "chaos", agent: "storm", input, invocationId: `storm ${n}`, startedBy: olga.id }));
    this.ids.set(n, run.id);
  }

  async cancel({ n }: Wish): Promise<void> {
    const id = this.ids.get(n);
    if (id === undefined) return;
    await this.tolerant(() => cancelRun(this.place.store, { id, reason: "changed their mind", actor: olga }));
    this.said.cancelled += 1;
  }

  /** Everything that waits for people, once. */
  async look(): Promise<void> {
    const { store } = this.place;
    const gates = await stubbornly(() => listGates(store, { status: "OPEN", limit: 200 }));
    const rejected = new Set(this.wishes.flatMap(({ n, rejects }) => (rejects ? [this.ids.get(n)] : [])));
    for (const { id, runId, fingerprint } of gates.items) {
      await this.tolerant(() => decideGate(store, { id, outcome: rejected.has(runId) ? "rejected" : "approved", fingerprint, comment: "seen", actor: ann }));
      this.said.decided += 1;
    }
    const unknown = await stubbornly(() => listEffects(store, { status: "UNKNOWN", limit: 200 }));
    for (const effect of unknown.items) if (effect.needsPerson) await this.settle(effect);
    const stuck = await stubbornly(() => listRuns(store, { filter: { status: ["STUCK"] }, limit: 200 }));
    for (const { id } of stuck.items) {
      await this.tolerant(() => redriveRun(store, { id, reason: "its workers were killed", actor: olga }));
      this.said.redriven += 1;
    }
  }

  /** True when it has ended as it was asked to; asks for compensation where that is wished for. */
  async hasEnded({ n, compensates }: Wish): Promise<boolean> {
    const id = this.ids.get(n);
    if (id === undefined) return false;
    const run = await stubbornly(() => getRun(this.place.store, { id }));
    if (run.endedAt === null || run.settledAt === null || run.unsettled > 0) return false;
    if (!compensates || run.status === "COMPENSATED") return true;
    if (run.status !== "COMPENSATING") await this.tolerant(() => compensateRun(this.place.store, { id, reason: "all of it", actor: olga }));
    return false;
  }

  private async settle({ id, runId }: Effect): Promise<void> {
    const since = this.seenUnknown.get(id) ?? performance.now();
    this.seenUnknown.set(id, since);
    if (performance.now() - since < SURE_MS) return;
    const run = await stubbornly(() => getRun(this.place.store, { id: runId }));
    const isLive = run.endedAt === null;
    await this.tolerant(() => resolveEffect(this.place.store, { id, outcome: isLive ? "retry" : "failed", reason: "it is not at the counterparty", actor: olga }));
    this.seenUnknown.delete(id);
    this.said.resolved += 1;
  }

  /** Somebody, or the same request before its connection was cut, may have been first. */
  private async tolerant(work: () => Promise<unknown>): Promise<void> {
    await stubbornly(work).catch((error: unknown) => {
      if (!TapeError.is(error, "illegal_transition") && !TapeError.is(error, "already_decided")) throw error;
    });
  }
}
