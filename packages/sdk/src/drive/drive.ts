import { fold, TapeError, type Entry, type RunStatus } from "@tape/core";
import type { Claim, DriverRecord, Reading, RunCommitOutcome, RunEnd } from "@tape/store";
import { placeOfCaller, withRun } from "../context.ts";
import type { AgentDefinition } from "../define/agent.ts";
import { fromRecorded, LeaseLost, toRecorded } from "../error/index.ts";
import { createRun } from "../run.ts";
import { Arrivals } from "./arrivals.ts";
import { endOfQuiet, RELEASED, returned, type Finished } from "./ending.ts";
import { HandOvers, type HandOver } from "./hand-over.ts";
import type { DriveJournal, LateOutcome } from "./journal.ts";
import { Scope } from "./key.ts";
import { lateOutcomesOf } from "./late.ts";
import { Recorder } from "./recorder.ts";
import { describeStep, difference, Replay } from "./replay.ts";
import type { Asked, LiveStep, Outcome, StepSpec } from "./step.ts";
import { Waiting } from "./waiting.ts";
import { Work } from "./work.ts";

export type DriveResult =
  | { status: "parked"; epoch: number }
  | { status: "ended"; as: Extract<RunStatus, "COMPLETED" | "FAILED" | "STUCK"> }
  | { status: "released" }
  | { status: "lost"; reason: "lease_lost" | "cancelled" | "settled_elsewhere" | "unavailable"; message: string };

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

/** The patience of a replay is so many glances: a process that stood still for long has missed one of them, not all. */
const GLANCES = 10;

/**
 * One run, driven under one lease, and its coroutine kept for the next lease while it is parked.
 *
 * The code asks steps; each gets its key when it is asked. While the journal is being replayed nothing is executed:
 * recorded results are handed over in recorded order, and steps the journal does not know wait. Then the drive is live:
 * intents are committed, bodies run, and outcomes are handed over one at a time, each when its record is queued.
 */
export class Drive {
  readonly runId: string;
  private claim: Claim;
  private mode: "replay" | "live" | "parked" | "over" = "replay";
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

  /** Effects whose outcome this drive will bring. Nobody else may have settled one of them. */
  private readonly mine = new Set<string>();
  private armed = new Map<string, string>();
  private occurrences = new Map<string, number>();
  private decisions = 0;
  private readSeq = 0;
  private clockOffsetMs = 0;
  private watchdog: NodeJS.Timeout | undefined;
  /** Glances since the replay last got on. */
  private idleGlances = 0;
  private resolve: (result: DriveResult) => void = () => {};

  constructor(private readonly options: DriveOptions) {
    const { claim, journal } = options;
    this.claim = claim;
    this.runId = claim.runId;
    this.work = new Work({ ended: () => this.recorder.schedule(), broke: (error) => this.lose("unavailable", messageOf(error)) });
    this.handOvers = new HandOvers({
      recorded: () => this.nextRecorded(),
      isOver: () => this.mode === "over",
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
        return this.mode !== "over";
      },
      answered: (outcome, end) => this.answered(outcome, end),
      refused: (outcome) => this.lose(outcome.refused, outcome.reason),
      failed: (error) => this.lose("unavailable", messageOf(error)),
    });
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
    return !this.work.isOnlyBodies;
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

  /** Ends the drive now. `stopping` gives the lease back at once; what is PENDING stays so for the next driver. */
  abort(reason: AbortReason): void {
    if (this.mode === "over") return;
    if (reason !== "stopping") return this.lose(reason, reason === "cancelled" ? "the run was cancelled" : "the lease ran out");
    this.controller.abort(new TapeError("lease_lost", "the worker stops"));
    this.forced = RELEASED;
    this.recorder.schedule();
  }

  /** Forgets a parked coroutine. Its promises are never settled. */
  dispose(): void {
    if (this.mode !== "over") this.controller.abort(new TapeError("lease_lost", "the coroutine was dropped; the journal goes on without it"));
    this.over();
  }

  /** The code asked a step. The promise settles when its outcome has its turn, or never, if the drive is over. */
  ask(scope: Scope, spec: StepSpec): Promise<unknown> {
    const answer = new Promise((resolve, reject) => {
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
    // A branch that nobody awaits any more may fail; that must not end the process.
    answer.catch(() => {});
    return answer;
  }

  private asked(asked: Asked): void {
    if (this.mode === "over") return;
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
    this.armWatchdog();
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
      if (this.mode === "over" || !this.holds(reading)) return;
      this.take(reading);
      const history = fold(reading.entries);
      this.replay = new Replay(history);
      this.decisions = history.decisions;
      this.occurrences = history.gatesByName;
      this.armed = history.armed;
      this.waiting.early(history.signals);
      this.armWatchdog();
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
    if (this.mode === "over") return;
    this.finished = finished;
    if (this.mode === "parked") return this.unpark();
    this.recorder.schedule();
  }

  private hand({ asked, outcome, records }: HandOver): void {
    if (records.length > 0) void this.recorder.push(records, "quietly").then(() => this.disown(records));
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
    this.armWatchdog();
    const asked = this.pending.get(next.step.key);
    if (!asked || !next.step.outcome) throw new Error(`the journal of ${this.runId} gives ${next.step.key} before it was asked`);
    return { asked, outcome: next.step.outcome, records: [] };
  }

  private goLive(): void {
    this.restWatchdog();
    this.mode = "live";
    for (const asked of [...this.pending.values()]) this.begin(asked);
    this.replay = null;
  }

  private begin(asked: Asked): void {
    if (asked.begun || this.releasing) return;
    asked.begun = true;
    try {
      asked.spec.begin(this.live(asked), this.replay?.recorded(asked.key) ?? null);
    } catch (error) {
      this.lose("unavailable", messageOf(error));
    }
  }

  private live(asked: Asked): LiveStep {
    return {
      key: asked.key,
      runId: this.runId,
      signal: this.controller.signal,
      now: () => Date.now() + this.clockOffsetMs,
      record: async (...records) => {
        this.note(records);
        await this.recorder.push(records);
        this.disown(records.filter(({ happening }) => happening.verb === "unknown"));
      },
      perform: (work) => void this.work.perform(() => asked.inPlace(work)),
      body: (name, run) => this.work.body(name, run),
      heartbeat: () => this.heartbeat(),
      isCancelled: async () => (await this.options.journal.renew(this.claim.epoch)) === "cancelled",
      again: () => {
        asked.begun = false;
        this.release();
      },
      give: (outcome, records) => {
        this.waiting.remove(asked.key);
        this.handOvers.add({ asked, outcome, records });
      },
      wait: (wait, arrived) => {
        this.waiting.add(asked.key, wait, arrived);
        this.recorder.schedule();
      },
      takeSignal: (name) => this.waiting.takeSignal(name),
      nextOccurrence: (gate) => {
        const next = (this.occurrences.get(gate) ?? 0) + 1;
        this.occurrences.set(gate, next);
        return next;
      },
      nextDecisionIndex: () => (this.decisions += 1),
      reportLate: (effectId, outcome) => this.late({ runId: this.runId, effectId, key: asked.key, outcome }),
      isOver: () => this.mode === "over",
    };
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

  private note(records: readonly DriverRecord[]): void {
    for (const { happening } of records) {
      if (happening.kind === "timer" && happening.verb === "armed") this.armed.set(happening.payload.timerId, happening.payload.kind);
      if (happening.kind === "effect" && (happening.verb === "intended" || happening.verb === "resumed")) this.mine.add(happening.payload.effectId);
    }
  }

  private disown(records: readonly DriverRecord[]): void {
    for (const { happening } of records) if (happening.kind === "effect") this.mine.delete(happening.payload.effectId);
  }

  /** Asked before each flush. */
  private endIfQuiet(): RunEnd | undefined {
    if (this.forced) return this.forced;
    if (this.mode !== "live" || !this.handOvers.isQuiet || this.work.isUnderWay || this.arrivals.isReading) return undefined;
    return endOfQuiet({
      finished: this.finished,
      waits: this.waiting.all(),
      armed: this.armed,
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
    if (wentOn || (this.finished && end.waits.every(({ on }) => on !== "effect"))) this.unpark();
  }

  private async look(): Promise<void> {
    await this.arrivals.look();
    this.recorder.schedule();
  }

  /** Tells the steps that wait for it what came. False when the drive is over. */
  private takeArrivals(reading: Reading | null): boolean {
    // The run may have been read after the commit that ends the lease: its answer says so.
    const isLeaving = this.recorder.isEnding && reading?.epoch === this.claim.epoch && reading.status !== "CANCELLED" && reading.status !== "RUNNING";
    if (this.mode === "over" || isLeaving || !this.holds(reading)) return false;
    this.take(reading);
    for (const entry of reading.entries) {
      if (entry.kind === "timer" && (entry.verb === "fired" || entry.verb === "cancelled")) this.armed.delete(entry.payload.timerId);
      if (isForeign(entry) && this.mine.has(entry.payload.effectId)) {
        this.lose("settled_elsewhere", `effect ${entry.payload.key} was settled by somebody else while its body ran`);
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
    const isCancelled = reading?.status === "CANCELLED";
    this.lose(isCancelled ? "cancelled" : "lease_lost", isCancelled ? "the run was cancelled" : `run ${this.runId} is not driven under epoch ${this.claim.epoch} any more`);
    return false;
  }

  /** The code went on although it was parked: it also waited for something outside. */
  private unpark(): void {
    this.options.journal.unpark(this.claim.epoch).catch((error: unknown) => this.log("not_unparked", { error: messageOf(error) }));
  }

  private stick(message: string, recorded: string | null, asked: string | null): void {
    this.log("nondeterminism", { recorded, asked });
    this.restWatchdog();
    this.forced = { to: "STUCK", reason: { code: "nondeterminism", message, recorded, asked }, inbox: null, closing: [] };
    this.recorder.schedule();
  }

  private armWatchdog(): void {
    this.idleGlances = 0;
    if (this.mode !== "replay" || this.forced || this.watchdog) return;
    this.watchdog = setInterval(() => this.watched(), (this.options.replayTimeoutMs ?? 30_000) / GLANCES);
    this.watchdog.unref();
  }

  private restWatchdog(): void {
    clearInterval(this.watchdog);
    this.watchdog = undefined;
  }

  private watched(): void {
    this.idleGlances += 1;
    if (this.idleGlances < GLANCES || !this.handOvers.isQuiet) return;
    const next = this.replay?.next();
    if (next?.at !== "blocked") return;
    const asked = [...this.pending.values()].filter(({ key }) => !this.replay?.recorded(key)).map(({ key, spec }) => describeStep({ ...spec, key }));
    const message = asked.length > 0 ? "the code asks other steps than its journal recorded" : "the code no longer asks a step that its journal recorded";
    this.stick(message, describeStep(next.step), asked.length > 0 ? asked.join(", ") : null);
  }

  private lose(reason: Extract<DriveResult, { status: "lost" }>["reason"], message: string): void {
    if (this.mode === "over") return;
    const unsaid = this.unsaid();
    this.over();
    this.controller.abort(new TapeError(reason === "unavailable" ? "unavailable" : "lease_lost", message, { reason }));
    for (const outcome of unsaid) this.late(outcome);
    this.log("drive_lost", { reason, message });
    const lost = () => this.resolve({ status: "lost", reason, message });
    // Overtaken, but the lease is still this driver's: it is given back, and the next drive begins from the journal at
    // once. A drive that broke keeps it to its end instead, and counts as lost: what breaks each time becomes STUCK.
    if (reason === "settled_elsewhere") this.recorder.giveBack(RELEASED).then(lost, lost);
    else lost();
  }

  /** What bodies confirmed and no commit is known to have taken. */
  private unsaid(): LateOutcome[] {
    return lateOutcomesOf(this.runId, [...this.recorder.unsaid(), ...this.handOvers.waiting()]);
  }

  private late(outcome: LateOutcome): void {
    this.options.journal.late(outcome).catch((error: unknown) => this.log("late_outcome_not_recorded", { key: outcome.key, error: messageOf(error) }));
  }

  private over(): void {
    this.mode = "over";
    this.restWatchdog();
    this.recorder.close();
    this.pending.clear();
  }

  private log(event: string, details: Record<string, unknown>): void {
    this.options.log?.(event, { runId: this.runId, epoch: this.claim.epoch, ...details });
  }
}

/** An effect's outcome that the driver did not write. */
function isForeign(entry: Entry): entry is Extract<Entry, { kind: "effect"; verb: "confirmed" | "failed" }> {
  return entry.kind === "effect" && (entry.verb === "confirmed" || entry.verb === "failed") && entry.payload.by !== "driver";
}

function openOutcome(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value;
  throw fromRecorded(outcome.error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
