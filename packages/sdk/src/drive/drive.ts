import { fold, TapeError, type RunStatus, type Wait } from "@tape/core";
import type { Claim, Reading, RunCommitOutcome, RunEnd } from "@tape/store";
import { placeOfCaller, withRun } from "../context.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { fromRecorded, LeaseLost, toRecorded } from "../error/index.ts";
import { createRun } from "../run.ts";
import { Arrivals } from "./arrivals.ts";
import { Budget } from "./budget.ts";
import { endOfQuiet, RELEASED, returned, type Finished } from "./ending.ts";
import { HandOvers, type HandOver } from "./hand-over.ts";
import type { DriveJournal, LateOutcome } from "./journal.ts";
import { Scope } from "./key.ts";
import { lateOutcomesOf } from "./late.ts";
import { Leaving } from "./leaving.ts";
import { liveStep, type Inside } from "./live-step.ts";
import { Own } from "./own.ts";
import { Patience } from "./patience.ts";
import { Recorder } from "./recorder.ts";
import { describeStep, difference, Replay } from "./replay.ts";
import type { Asked, Outcome, StepSpec } from "./step.ts";
import { Waiting } from "./waiting.ts";
import { Work } from "./work.ts";

export type DriveResult =
  | { status: "parked"; epoch: number }
  | { status: "ended"; as: Extract<RunStatus, "COMPLETED" | "FAILED" | "STUCK" | "CANCELLED"> }
  | { status: "released" }
  | { status: "lost"; reason: "lease_lost" | "settled_elsewhere" | "unavailable"; message: string };

export type AbortReason = "lease_lost" | "cancelled" | "stopping";

export interface DriveOptions {
  claim: Claim;
  agent: AgentDefinition;
  journal: DriveJournal;
  /** A replay that asks nothing new for this long is nondeterminism (D1). Default 30 s. */
  replayTimeoutMs?: number;
  /** Told once per noteworthy thing: what and about which run. */
  log?: (event: string, details: Record<string, unknown>) => void;
}

/**
 * One run, driven under one lease, and its coroutine kept for the next lease while it is parked.
 *
 * The code asks steps; each gets its key when it is asked. While the journal is being replayed nothing is executed:
 * recorded results are handed over in recorded order, and steps the journal does not know wait. Then the drive is live:
 * intents are committed, bodies run, and outcomes are handed over one at a time, each when its record is queued. When the
 * run is cancelled the drive drains: nothing is asked or begun any more, bodies see their signal aborted, and what they
 * bring is recorded before the drive leaves.
 */
export class Drive {
  readonly runId: string;
  private claim: Claim;
  private mode: "replay" | "live" | "parked" | "draining" | "over" = "replay";
  private replay: Replay | null = null;
  private finished: Finished | null = null;
  private releasing = false;
  /** An end that is asked for whatever is under way. */
  private forced: RunEnd | null = null;

  private readonly pending = new Map<string, Asked>();
  private readonly waiting = new Waiting();
  private readonly controller = new AbortController();
  private readonly recorder: Recorder;
  private readonly handOvers: HandOvers;
  private readonly arrivals: Arrivals;
  private readonly work: Work;
  private readonly own = new Own();
  private readonly budget = new Budget();
  private readonly patience: Patience;
  private readonly leaving: Leaving;
  private readonly inside: Inside;

  private occurrences = new Map<string, number>();
  private decisions = 0;
  private wasCancelled = false;
  private readSeq = 0;
  private clockOffsetMs = 0;
  private resolve: (result: DriveResult) => void = () => {};

  constructor(private readonly options: DriveOptions) {
    const { claim, journal } = options;
    this.claim = claim;
    this.runId = claim.runId;
    this.work = new Work({ ended: () => this.recorder.schedule(), broke: (error) => this.lose("unavailable", messageOf(error)) });
    this.handOvers = new HandOvers({
      recorded: () => this.nextRecorded(),
      isOver: () => this.inside.isOver(),
      hand: (over) => this.hand(over),
      drained: () => this.recorder.schedule(),
      broke: (error) => this.lose("unavailable", messageOf(error)),
    });
    this.arrivals = new Arrivals({
      read: () => journal.read(this.readSeq),
      take: (reading) => this.takeArrivals(reading),
      failed: (error) => this.log("arrivals_not_read", { error: messageOf(error) }),
    });
    this.recorder = new Recorder(claim, {
      commit: (commit) => journal.commit(commit),
      end: () => this.endIfQuiet(),
      reread: async () => {
        await this.look();
        return !this.inside.isOver();
      },
      answered: (outcome, end) => this.answered(outcome, end),
      refused: (outcome) => (outcome.refused === "cancelled" ? this.drain(outcome.reason) : this.lose(outcome.refused, outcome.reason)),
      failed: (error) => this.lose("unavailable", messageOf(error)),
      isDraining: () => this.mode === "draining",
    });
    this.patience = new Patience(options.replayTimeoutMs ?? 30_000, {
      isNeeded: () => this.mode === "replay" && !this.forced,
      isOver: () => this.outOfPatience(),
    });
    this.leaving = new Leaving(journal, this.work, (event, details) => this.log(event, details));
    const { runId, work, recorder, handOvers, waiting, arrivals, own, budget } = this;
    this.inside = {
      runId, ttlMs: claim.ttlMs, signal: this.controller.signal, work, recorder, handOvers, waiting, arrivals, own, budget,
      now: () => Date.now() + this.clockOffsetMs,
      nextOccurrence: (gate) => this.nextOccurrence(gate),
      nextDecisionIndex: () => (this.decisions += 1),
      heartbeat: () => this.heartbeat(),
      isCancelled: () => this.isCancelled(),
      late: (outcome) => this.late(outcome),
      release: () => this.release(),
      isOver: () => this.mode === "over" || this.mode === "draining",
      isDraining: () => this.mode === "draining",
    };
  }

  get app(): string {
    return this.claim.app;
  }

  get agent(): string {
    return this.claim.agent;
  }

  get epoch(): number {
    return this.claim.epoch;
  }

  get owner(): string {
    return this.claim.owner;
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** When the lease was last known to be renewed, by `performance.now()`. */
  get renewedAt(): number {
    return this.recorder.renewedAt;
  }

  set renewedAt(at: number) {
    this.recorder.renewedAt = Math.max(at, this.recorder.renewedAt);
  }

  /** May its worker renew the lease? Not while only bodies run: a hung body is found by its lease. */
  get renewable(): boolean {
    return this.mode !== "draining" && !this.work.isOnlyBodies;
  }

  /** Replays the journal, then goes on. Resolves when the run is parked, ended, released or lost; never rejects. */
  run(): Promise<DriveResult> {
    return this.until(() => void this.start());
  }

  /** Goes on with the coroutine that was parked. The claim's epoch must be the parked one + 1 (D9). */
  resume(claim: Claim): Promise<DriveResult> {
    if (this.mode !== "parked" || claim.epoch !== this.claim.epoch + 1) throw new Error(`run ${this.runId} cannot go on from epoch ${this.claim.epoch} to ${claim.epoch}`);
    return this.until(() => {
      this.claim = claim;
      this.mode = "live";
      this.recorder.renew(claim);
      void this.look();
      for (const asked of [...this.pending.values()]) this.begin(asked);
    });
  }

  /** Something arrived for the run, or it was cancelled: look. */
  poke(): void {
    if (this.mode === "live") void this.look();
  }

  /** Ends the drive at the next boundary and gives the lease back; bodies that run are waited for. */
  release(): void {
    this.releasing = true;
    this.recorder.schedule();
  }

  /**
   * `cancelled`: drains. `lease_lost`: ends now; what bodies confirm is still reported. `stopping`: ends now and gives the
   * lease back, and what is PENDING stays so for the next driver; a cancelled run is settled instead.
   */
  abort(reason: AbortReason): void {
    if (this.mode === "over") return;
    if (reason === "cancelled") return this.drain("the run was cancelled");
    if (reason === "lease_lost") return this.lose("lease_lost", "the lease ran out");
    if (this.mode === "draining") return this.leaving.hurry();
    this.controller.abort(abortion("the worker stops"));
    this.forced = RELEASED;
    this.recorder.schedule();
  }

  /** Forgets a parked coroutine. Its promises are never settled. */
  dispose(): void {
    if (this.mode !== "over") this.controller.abort(new LeaseLost("the coroutine was dropped; the journal goes on without it"));
    this.over();
  }

  /** The code asked a step. The promise settles when its outcome has its turn, or never, if the drive is over. */
  ask(scope: Scope, spec: StepSpec): Promise<unknown> {
    const asked = new Promise((resolve, reject) => {
      const key = scope.next(spec.name);
      const settle = (outcome: Outcome) => {
        if (spec.decides && outcome.ok) scope.decided();
        try {
          resolve((spec.open ?? openOutcome)(outcome));
        } catch (error) {
          reject(error as Error);
        }
      };
      this.asked({ key, spec, begun: false, inPlace: placeOfCaller(), settle });
    });
    const { agent } = this.options;
    const answer = spec.rescue && agent.budget?.onExceeded ? asked.catch((error: unknown) => spec.rescue!(error, createRun(this, scope), agent)) : asked;
    // A branch that nobody awaits any more may fail; that must not end the process.
    answer.catch(() => {});
    return answer;
  }

  private asked(asked: Asked): void {
    if (this.inside.isOver()) return;
    this.pending.set(asked.key, asked);
    if (this.mode === "parked") return this.unpark();
    if (this.mode === "live") return this.begin(asked);
    const recorded = this.replay?.recorded(asked.key);
    if (!recorded) return; // Waits until every recorded step was asked.
    const differs = difference(recorded, asked.spec);
    if (differs && !asked.spec.mayChange?.(recorded)) {
      return this.stick(`the code asked ${differs} than its journal recorded`, describeStep(recorded), describeStep({ ...asked.spec, key: asked.key }));
    }
    this.replay?.noteAsked(asked.key);
    this.patience.renew();
    void this.handOvers.pump();
  }

  private until(begin: () => void): Promise<DriveResult> {
    return new Promise((resolve) => {
      this.resolve = resolve;
      begin();
    });
  }

  private async start(): Promise<void> {
    try {
      const reading = await this.options.journal.read(0);
      if (this.inside.isOver() || !this.holds(reading)) return;
      this.take(reading);
      const history = fold(reading.entries);
      this.replay = new Replay(history);
      this.decisions = history.decisions;
      this.occurrences = history.gatesByName;
      this.own.armed = history.armed;
      this.budget.begin(reading.budget, history.budget, this.options.agent.budget);
      this.waiting.early(history.signals);
      this.patience.renew();
      this.runCode(history.input);
      await this.handOvers.pump();
    } catch (error) {
      this.lose("unavailable", messageOf(error));
    }
  }

  private runCode(input: unknown): void {
    const run = createRun(this, new Scope(this.runId));
    const code = async (): Promise<unknown> => this.options.agent.run(run, input);
    withRun(run, code).then(
      (output) => this.finish(returned(output)),
      (error: unknown) => this.finish({ ok: false, error: toRecorded(error) }),
    );
  }

  private finish(finished: Finished): void {
    if (this.inside.isOver()) return;
    this.finished = finished;
    if (this.mode === "parked") return this.unpark();
    this.recorder.schedule();
  }

  private hand({ asked, outcome, records }: HandOver): void {
    if (records.length > 0) void this.recorder.push(records, "quietly").then(() => this.own.end(records));
    this.pending.delete(asked.key);
    asked.settle(outcome);
  }

  private nextRecorded(): HandOver | undefined {
    if (this.mode !== "replay") return undefined;
    const next = this.replay?.next() ?? { at: "done" };
    if (next.at === "blocked") return undefined;
    if (next.at === "done") {
      this.goLive();
      return undefined;
    }
    this.patience.renew();
    const asked = this.pending.get(next.step.key);
    if (!asked || !next.step.outcome) throw new Error(`the journal of ${this.runId} gives ${next.step.key} before it was asked`);
    return { asked, outcome: next.step.outcome, records: [] };
  }

  private goLive(): void {
    this.patience.rest();
    this.mode = "live";
    for (const asked of [...this.pending.values()]) this.begin(asked);
    this.replay = null;
  }

  private begin(asked: Asked): void {
    if (asked.begun || this.releasing) return;
    asked.begun = true;
    try {
      asked.spec.begin(liveStep(asked, this.inside), this.replay?.recorded(asked.key) ?? null);
    } catch (error) {
      this.lose("unavailable", messageOf(error));
    }
  }

  private nextOccurrence(gate: string): number {
    const next = (this.occurrences.get(gate) ?? 0) + 1;
    this.occurrences.set(gate, next);
    return next;
  }

  /** Writes at most once in a tenth of the TTL (D26). */
  private async heartbeat(): Promise<void> {
    if (this.mode === "over") throw new LeaseLost();
    if (performance.now() - this.renewedAt < this.claim.ttlMs / 10) return;
    const askedAt = performance.now();
    if ((await this.options.journal.renew(this.claim.epoch)) === "lost") {
      this.lose("lease_lost", `run ${this.runId} was taken over`);
      throw new LeaseLost();
    }
    this.renewedAt = askedAt;
  }

  private async isCancelled(): Promise<boolean> {
    if (this.mode === "live") await this.arrivals.look();
    return this.wasCancelled;
  }

  /** Asked before each flush. */
  private endIfQuiet(): RunEnd | undefined {
    if (this.forced) return this.forced;
    if (this.mode !== "live" || !this.handOvers.isQuiet || this.work.isUnderWay || this.arrivals.isReading) return undefined;
    const waits = this.waiting.all();
    // What will be tried again is waited for like any effect that is not settled (D24).
    const owed = this.finished ? waits.filter(isUnsettled) : [];
    return endOfQuiet({
      finished: owed.length > 0 ? null : this.finished,
      waits: owed.length > 0 ? owed : waits,
      armed: this.own.armed,
      releasing: this.releasing,
      held: [...this.pending.values()].some(({ begun }) => !begun),
      inbox: this.recorder.inbox,
    });
  }

  private answered(outcome: Extract<RunCommitOutcome, { ok: true }>, end: RunEnd | undefined): void {
    this.clockOffsetMs = outcome.at - Date.now();
    if (end && outcome.ended) return this.ended(end);
    if (outcome.inbox !== this.recorder.inbox) void this.look();
  }

  private ended(end: RunEnd): void {
    if (end.to !== "WAITING") {
      const unsaid = this.unsaid();
      this.over();
      for (const outcome of unsaid) this.late(outcome);
      return this.resolve(end.to === "RUNNABLE" ? { status: "released" } : { status: "ended", as: end.to });
    }
    this.mode = "parked";
    this.recorder.pause();
    this.resolve({ status: "parked", epoch: this.claim.epoch });
    // It asked or returned while the commit that parked it was under way.
    const wentOn = this.work.isUnderWay || this.recorder.hasUnsaid || !this.handOvers.isQuiet;
    if (wentOn || (this.finished && !end.waits.some(isUnsettled))) this.unpark();
  }

  private async look(): Promise<void> {
    await this.arrivals.look();
    this.recorder.schedule();
  }

  /** Tells the steps that wait for it what came. False when the drive is over. */
  private takeArrivals(reading: Reading | null): boolean {
    // Read while it was being parked, or before the lease that it has now: whoever goes on reads again.
    if (this.mode === "parked" || (reading && reading.epoch < this.claim.epoch)) return true;
    // The run may have been read after the commit that ends the lease: its answer says so.
    const isLeaving = this.recorder.isEnding && reading?.epoch === this.claim.epoch && reading.status !== "CANCELLED" && reading.status !== "RUNNING";
    if (this.inside.isOver() || isLeaving || !this.holds(reading)) return false;
    this.take(reading);
    for (const entry of reading.entries) {
      const overtaken = this.own.overtakenBy(entry);
      if (overtaken !== null) {
        this.lose("settled_elsewhere", `effect ${overtaken} was settled by somebody else while its body ran`);
        return false;
      }
      this.waiting.arrive(entry);
    }
    return true;
  }

  private take(reading: Reading): void {
    this.readSeq = reading.seq;
    this.recorder.inbox = reading.inbox;
    this.recorder.foreign = reading.foreign;
    this.clockOffsetMs = reading.now - Date.now();
  }

  /** Is the run still this driver's? Ends the drive when it is not. */
  private holds(reading: Reading | null): reading is Reading {
    if (reading?.epoch === this.claim.epoch && reading.status === "RUNNING") return true;
    // Cancelled, and perhaps its compensation was asked for since.
    if (reading?.epoch === this.claim.epoch && (reading.status === "CANCELLED" || reading.status === "COMPENSATING")) this.drain("the run was cancelled");
    else this.lose("lease_lost", `run ${this.runId} is not driven under epoch ${this.claim.epoch} any more`);
    return false;
  }

  /** The code went on although it was parked: it also waited for something outside. */
  private unpark(): void {
    this.options.journal.unpark(this.claim.epoch).catch((error: unknown) => this.log("not_unparked", { error: messageOf(error) }));
  }

  private stick(message: string, recorded: string | null, asked: string | null): void {
    this.log("nondeterminism", { recorded, asked });
    this.patience.rest();
    this.forced = { to: "STUCK", reason: { code: "nondeterminism", message, recorded, asked }, inbox: null, closing: [] };
    this.recorder.schedule();
  }

  /** The replay has asked nothing new for too long. */
  private outOfPatience(): void {
    if (!this.handOvers.isQuiet) return;
    const stop = this.replay?.stoppedAt([...this.pending.values()]);
    if (stop) this.stick(this.finished ? `${saidBy(this.finished)}, although its journal goes on` : stop.message, stop.recorded, stop.asked);
  }

  private lose(reason: Extract<DriveResult, { status: "lost" }>["reason"], message: string): void {
    if (this.mode === "over") return;
    const unsaid = this.unsaid();
    this.over();
    this.controller.abort(reason === "unavailable" ? new TapeError("unavailable", message) : new LeaseLost(message));
    for (const outcome of unsaid) this.late(outcome);
    this.log("drive_lost", { reason, message });
    const lost = () => this.resolve({ status: "lost", reason, message });
    // Overtaken, but the lease is still this driver's: it is given back, and the next drive begins from the journal at
    // once. A drive that broke keeps it to its end instead, and counts as lost: what breaks each time becomes STUCK.
    if (reason === "settled_elsewhere") this.recorder.giveBack(RELEASED).then(lost, lost);
    else lost();
  }

  /**
   * The run was cancelled. Nothing is asked, begun or handed over from here on; bodies learn of it by their signal. What
   * they bring is still recorded, whatever it is, and when the last has returned the run is settled (D14).
   */
  private drain(message: string): void {
    if (this.inside.isOver()) return;
    const unsaid = this.unsaid();
    const unanswered = [...this.pending.values()];
    this.close("draining");
    this.wasCancelled = true;
    this.controller.abort(abortion(message));
    for (const outcome of unsaid) this.late(outcome);
    for (const asked of unanswered) asked.settle({ ok: false, error: { name: "RunCancelled", message } });
    this.log("drive_drains", { message });
    const isHeld = () => this.mode === "draining";
    void this.leaving.drain(this.claim.epoch, { isHeld, answered: this.recorder.idle() }).then(() => {
      if (!isHeld()) return;
      this.over();
      this.resolve({ status: "ended", as: "CANCELLED" });
    });
  }

  /** Outcomes that no commit is known to have taken. */
  private unsaid(): LateOutcome[] {
    return lateOutcomesOf(this.runId, [...this.recorder.unsaid(), ...this.handOvers.waiting()]);
  }

  /** Under the lease of a cancelled run all is taken; without, only that something did happen changes anything (D12). */
  private late(outcome: LateOutcome): void {
    const { owner, epoch } = this.claim;
    if (this.mode === "draining") return this.leaving.say({ ...outcome, lease: { owner, epoch } });
    if (outcome.outcome.status !== "unknown") this.leaving.say(outcome);
  }

  private over(): void {
    this.close("over");
  }

  private close(mode: "draining" | "over"): void {
    this.mode = mode;
    this.patience.rest();
    this.recorder.close();
    this.pending.clear();
  }

  private log(event: string, details: Record<string, unknown>): void {
    this.options.log?.(event, { runId: this.runId, epoch: this.claim.epoch, ...details });
  }
}

/** What `fetch` and its like reject with when their signal is aborted: not `RunCancelled`, which says that nothing was done. */
function abortion(message: string): DOMException {
  return new DOMException(message, "AbortError");
}

/** An effect whose outcome is not known, or not reached yet by its tries. */
function isUnsettled(wait: Wait): boolean {
  return (wait.on === "effect" && wait.dispatch !== "OUTBOX") || (wait.on === "sleep" && wait.retries !== undefined);
}

function saidBy(finished: Finished): string {
  return finished.ok ? "the code returned" : `the code threw ${finished.error.name}: ${finished.error.message}`;
}

function openOutcome(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value;
  throw fromRecorded(outcome.error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
