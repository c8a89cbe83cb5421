import { fold, TapeError, type Entry, type RunStatus, type Wait } from "@tape/core";
import type { Claim, DriverRecord, Reading, RunCommitOutcome, RunEnd } from "@tape/store";
import type { AgentDefinition } from "../define/agent.ts";
import { withBody, withRun } from "../context.ts";
import { fromRecorded, toRecorded } from "../error/index.ts";
import { createRun } from "../run.ts";
import { storable } from "../steps/storable.ts";
import type { DriveJournal, LateOutcome } from "./journal.ts";
import { Scope } from "./key.ts";
import { Recorder } from "./recorder.ts";
import { describeStep, difference, Replay } from "./replay.ts";
import type { Asked, LiveStep, Outcome, StepSpec } from "./step.ts";
import { Waiting } from "./waiting.ts";

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

type Finished = { ok: true; output: unknown } | { ok: false; error: ReturnType<typeof toRecorded> };

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
  private mode: "replay" | "live" | "over" = "replay";
  private replay: Replay | null = null;
  private readonly recorder: Recorder;
  private readonly waiting = new Waiting();
  private readonly controller = new AbortController();
  private readonly pending = new Map<string, Asked>();
  private readonly handing: { asked: Asked; outcome: Outcome; records: DriverRecord[] }[] = [];
  private readonly occurrences = new Map<string, number>();
  /** Deadlines and sleeps that are armed: id → kind. What is still here when the run ends is closed with it (D19). */
  private armed = new Map<string, string>();
  /** Effects whose outcome this drive will bring. Nobody else may have settled one of them. */
  private readonly mine = new Set<string>();
  private decisions = 0;
  private performing = 0;
  private bodies = 0;
  private pumping = false;
  private reading = false;
  private readAgain = false;
  private readSeq = 0;
  private clockOffsetMs = 0;
  private parked = false;
  private releasing = false;
  private forced: RunEnd | null = null;
  private finished: Finished | null = null;
  private watchdog: NodeJS.Timeout | undefined;
  private resolve: (result: DriveResult) => void = () => {};

  constructor(private readonly options: DriveOptions) {
    this.claim = options.claim;
    this.runId = options.claim.runId;
    this.recorder = new Recorder(options.claim, {
      commit: (commit) => options.journal.commit(commit),
      end: () => this.endIfQuiet(),
      answered: (outcome, end) => this.answered(outcome, end),
      reread: async () => {
        await this.readArrivals();
        return this.mode !== "over";
      },
      refused: (outcome) => this.lose(outcome.refused, outcome.reason),
      failed: (error) => this.lose("unavailable", error instanceof Error ? error.message : String(error)),
    });
    this.recorder.renew(options.claim, options.claim);
  }

  get app(): string {
    return this.claim.app;
  }

  get agent(): string {
    return this.claim.agent;
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

  /** May its worker renew the lease? Not while only tool bodies run: a hung body is found by its lease. */
  get renewable(): boolean {
    return this.bodies === 0 || this.performing > this.bodies;
  }

  get epoch(): number {
    return this.claim.epoch;
  }

  /** Replays the journal, then goes on. Resolves when the run is parked, ended, released or lost; never rejects. */
  run(): Promise<DriveResult> {
    return this.until(() => void this.start());
  }

  /** Goes on with the coroutine that was parked. The claim's epoch must be the parked one + 1 (D9). */
  resume(claim: Claim): Promise<DriveResult> {
    if (!this.parked || claim.epoch !== this.claim.epoch + 1) throw new Error(`run ${this.runId} cannot go on from epoch ${this.claim.epoch} to ${claim.epoch}`);
    return this.until(() => {
      this.claim = claim;
      this.parked = false;
      this.recorder.renew(claim, { inbox: -1, foreign: claim.foreign });
      void this.readArrivals();
      for (const asked of [...this.pending.values()]) this.begin(asked);
    });
  }

  /** Something arrived for the run, or it was cancelled: look. */
  poke(): void {
    if (this.mode === "live" && !this.parked) void this.readArrivals();
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
      if (this.mode === "over") return;
      const settle = (outcome: Outcome) => {
        if (spec.decides && outcome.ok) scope.decided();
        try {
          resolve((spec.open ?? openOutcome)(outcome));
        } catch (error) {
          reject(error as Error);
        }
      };
      const asked: Asked = { key, spec, scope, begun: false, settle };
      this.pending.set(key, asked);
      if (this.parked) return this.unpark();
      if (this.mode === "live") return this.begin(asked);
      this.askInReplay(asked);
    });
    // A branch that nobody awaits any more may fail; that must not end the process.
    answer.catch(() => {});
    return answer;
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
      if (this.mode === "over") return;
      if (!reading || reading.epoch !== this.claim.epoch) return this.lose("lease_lost", `run ${this.runId} was taken over before it was read`);
      if (reading.status !== "RUNNING") return this.lose(reading.status === "CANCELLED" ? "cancelled" : "lease_lost", `run ${this.runId} is ${reading.status}`);
      this.take(reading);
      const history = fold(reading.entries);
      this.replay = new Replay(history);
      this.decisions = history.decisions;
      for (const [name, count] of history.gatesByName) this.occurrences.set(name, count);
      this.armed = history.armed;
      this.waiting.early(history.signals);
      this.armWatchdog();
      this.runCode(history.input);
      await this.pump();
    } catch (error) {
      this.lose("unavailable", error instanceof Error ? error.message : String(error));
    }
  }

  private runCode(input: unknown): void {
    const run = createRun(this, new Scope(this.runId));
    const code = async (): Promise<unknown> => this.options.agent.run(run, input);
    withRun(run, code).then(
      (output) => this.finish(storedOutput(output)),
      (error: unknown) => this.finish({ ok: false, error: toRecorded(error) }),
    );
  }

  private finish(finished: Finished): void {
    if (this.mode === "over") return;
    this.finished = finished;
    if (this.parked) return this.unpark();
    this.recorder.schedule();
  }

  private take(reading: Reading): void {
    this.readSeq = reading.seq;
    this.recorder.inbox = reading.inbox;
    this.recorder.foreign = reading.foreign;
    this.clockOffsetMs = reading.now - Date.now();
  }

  private askInReplay(asked: Asked): void {
    const recorded = this.replay?.recorded(asked.key);
    if (!recorded) return; // Waits until every recorded step was asked.
    const differs = difference(recorded, asked.spec);
    if (differs && !asked.spec.mayChange?.(recorded)) {
      return this.stick(`the code asked ${differs} than its journal recorded`, describeStep(recorded), describeStep({ ...asked.spec, key: asked.key }));
    }
    this.replay?.noteAsked(asked.key);
    this.armWatchdog();
    void this.pump();
  }

  /** Hands over outcomes, one at a time, each followed by a whole turn in which the code may ask. */
  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    while (this.mode !== "over") {
      const next = this.mode === "replay" ? this.nextRecorded() : this.handing.shift();
      if (!next) break;
      if (next.records.length > 0) void this.recorder.push(next.records, "quietly").then(() => this.disown(next.records));
      this.pending.delete(next.asked.key);
      next.asked.settle(next.outcome);
      await new Promise((turned) => setImmediate(turned));
    }
    this.pumping = false;
    if (this.mode !== "over" && !this.parked) this.recorder.schedule();
  }

  private nextRecorded(): { asked: Asked; outcome: Outcome; records: DriverRecord[] } | undefined {
    const next = this.replay?.next() ?? { at: "done" };
    if (next.at === "blocked") return undefined;
    if (next.at === "done") {
      this.goLive();
      return this.handing.shift();
    }
    this.armWatchdog();
    const asked = this.pending.get(next.step.key);
    if (!asked || !next.step.outcome) throw new Error(`the journal of ${this.runId} gives ${next.step.key} before it was asked`);
    return { asked, outcome: next.step.outcome, records: [] };
  }

  private goLive(): void {
    clearTimeout(this.watchdog);
    this.mode = "live";
    for (const asked of [...this.pending.values()]) this.begin(asked);
    this.replay = null;
  }

  private begin(asked: Asked): void {
    if (asked.begun || this.releasing) return;
    asked.begun = true;
    asked.spec.begin(this.live(asked), this.replay?.recorded(asked.key) ?? null);
  }

  private live(asked: Asked): LiveStep {
    const drive = this;
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
      perform: (work) => void this.perform(work),
      body: (name, run) => this.body(name, run),
      give: (outcome, records) => {
        this.note(records);
        this.waiting.remove(asked.key);
        this.handing.push({ asked, outcome, records });
        void this.pump();
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
      get over() {
        return drive.mode === "over";
      },
    };
  }

  private async perform(work: () => Promise<void>): Promise<void> {
    this.performing += 1;
    try {
      await work();
    } catch (error) {
      this.lose("unavailable", error instanceof Error ? error.message : String(error));
    } finally {
      this.performing -= 1;
      if (this.mode !== "over") this.recorder.schedule();
    }
  }

  private async body<T>(name: string, run: () => Promise<T> | T): Promise<T> {
    this.bodies += 1;
    try {
      return await withBody(name, async () => run());
    } finally {
      this.bodies -= 1;
    }
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

  /** The end, if this is one: nothing is being handed over, nothing runs. Asked before each flush. */
  private endIfQuiet(): RunEnd | undefined {
    if (this.forced) return this.forced;
    if (this.mode !== "live" || this.pumping || this.handing.length > 0 || this.performing > 0 || this.reading) return undefined;
    const waits = this.waiting.all().map(({ wait }) => wait);
    const { inbox } = this.recorder;
    // What it races is closed with the run, but an effect that may have happened is waited for (D24).
    const unsettled = waits.filter((wait) => wait.on === "effect");
    if (this.finished && unsettled.length === 0) return { ...ending(this.finished), inbox, closing: this.closing(waits) };
    if (this.releasing && [...this.pending.values()].some(({ begun }) => !begun)) return RELEASED;
    const forWhat = this.finished ? unsettled : waits;
    if (forWhat.length > 0) return { to: "WAITING", waits: forWhat, inbox, closing: [] };
    return this.releasing ? RELEASED : undefined;
  }

  private closing(waits: Wait[]): DriverRecord[] {
    const gates = waits.flatMap((wait): DriverRecord[] =>
      wait.on === "gate" ? [{ happening: { kind: "gate", verb: "cancelled", payload: { gateId: wait.gateId, name: wait.name, reason: "run_ended" } } }] : [],
    );
    const waited = new Set(waits.map((wait) => (wait.on === "gate" ? wait.gateId : wait.on === "sleep" ? wait.timerId : wait.on === "signal" ? wait.key : "")));
    const timers = [...this.armed].filter(([timerId]) => waited.has(timerId));
    return [...gates, ...timers.map(([timerId, kind]): DriverRecord => ({ happening: { kind: "timer", verb: "cancelled", payload: { timerId, kind } } }))];
  }

  private answered(outcome: Extract<RunCommitOutcome, { ok: true }>, end: RunEnd | undefined): void {
    this.clockOffsetMs = outcome.at - Date.now();
    if (end && outcome.ended) return this.ended(end);
    if (outcome.inbox !== this.recorder.inbox) void this.readArrivals();
  }

  private ended(end: RunEnd): void {
    if (end.to === "WAITING") {
      this.parked = true;
      this.recorder.pause();
      this.resolve({ status: "parked", epoch: this.claim.epoch });
      // It asked or returned while the commit that parked it was under way.
      if (this.performing > 0 || this.recorder.hasUnsaid || (this.finished && end.waits.every(({ on }) => on !== "effect"))) this.unpark();
      return;
    }
    this.over();
    this.resolve(end.to === "RUNNABLE" ? { status: "released" } : { status: "ended", as: end.to });
  }

  /** Reads what came since, and tells the steps that wait for it. */
  private async readArrivals(): Promise<void> {
    if (this.reading) {
      this.readAgain = true;
      return;
    }
    this.reading = true;
    try {
      do {
        this.readAgain = false;
        const reading = await this.options.journal.read(this.readSeq);
        if (this.mode === "over") return;
        if (!reading || reading.epoch !== this.claim.epoch) return this.lose("lease_lost", `run ${this.runId} was taken over`);
        if (reading.status === "CANCELLED") return this.lose("cancelled", "the run was cancelled");
        this.take(reading);
        for (const entry of reading.entries) {
          if (entry.kind === "effect" && isForeign(entry) && this.mine.has(entry.payload.effectId)) {
            return this.lose("settled_elsewhere", `effect ${entry.payload.key} was settled by somebody else while its body ran`);
          }
          this.waiting.arrive(entry);
        }
      } while (this.readAgain);
    } catch (error) {
      this.log("arrivals_not_read", { error: String(error) });
    } finally {
      this.reading = false;
    }
    if (this.mode !== "over") this.recorder.schedule();
  }

  /** The code went on although it was parked: it also waited for something outside. */
  private unpark(): void {
    void this.options.journal.unpark(this.claim.epoch).catch((error: unknown) => this.log("not_unparked", { error: String(error) }));
  }

  private stick(message: string, recorded: string | null, asked: string | null): void {
    this.log("nondeterminism", { recorded, asked });
    clearTimeout(this.watchdog);
    this.forced = { to: "STUCK", reason: { code: "nondeterminism", message, recorded, asked }, inbox: null, closing: [] };
    this.recorder.schedule();
  }

  private armWatchdog(): void {
    clearTimeout(this.watchdog);
    if (this.mode !== "replay") return;
    this.watchdog = setTimeout(() => this.watched(), this.options.replayTimeoutMs ?? 30_000);
    this.watchdog.unref();
  }

  private watched(): void {
    const next = this.replay?.next();
    if (this.mode !== "replay" || next?.at !== "blocked") return;
    const asked = [...this.pending.values()].filter(({ key }) => !this.replay?.recorded(key)).map(({ key, spec }) => describeStep({ ...spec, key }));
    this.stick(
      asked.length > 0 ? "the code asks other steps than its journal recorded" : "the code no longer asks a step that its journal recorded",
      describeStep(next.step),
      asked.length > 0 ? asked.join(", ") : null,
    );
  }

  private lose(reason: Extract<DriveResult, { status: "lost" }>["reason"], message: string): void {
    if (this.mode === "over") return;
    this.reportLate([...this.recorder.unsaid(), ...this.handing.flatMap(({ records }) => records)]);
    this.over();
    this.controller.abort(new TapeError(reason === "unavailable" ? "unavailable" : "lease_lost", message, { reason }));
    this.log("drive_lost", { reason, message });
    this.resolve({ status: "lost", reason, message });
  }

  /** What bodies confirmed and the journal refused: money may have moved, so it is recorded without the lease (D12). */
  private reportLate(records: readonly DriverRecord[]): void {
    for (const { happening, obligation } of records) {
      if (happening.kind !== "effect" || happening.verb !== "confirmed") continue;
      const { effectId, key, result, notStorable, externalRef, summary } = happening.payload;
      this.late({ runId: this.runId, effectId, key, outcome: { status: "confirmed", result, notStorable, externalRef, summary, obligation } });
    }
  }

  private late(outcome: LateOutcome): void {
    this.options.journal.late(outcome).catch((error: unknown) => this.log("late_outcome_not_recorded", { key: outcome.key, error: String(error) }));
  }

  private over(): void {
    this.mode = "over";
    clearTimeout(this.watchdog);
    this.recorder.close();
    this.pending.clear();
  }

  private log(event: string, details: Record<string, unknown>): void {
    this.options.log?.(event, { runId: this.runId, epoch: this.claim.epoch, ...details });
  }
}

/** An effect's entry that the driver did not write. */
function isForeign(entry: Extract<Entry, { kind: "effect" }>): boolean {
  return (entry.verb === "confirmed" || entry.verb === "failed") && entry.payload.by !== "driver";
}

const RELEASED: RunEnd = { to: "RUNNABLE", reason: "stopping", inMs: 0, inbox: null, closing: [] };

function openOutcome(outcome: Outcome): unknown {
  if (outcome.ok) return outcome.value;
  throw fromRecorded(outcome.error);
}

function storedOutput(output: unknown): Finished {
  const kept = storable(output);
  if (kept.ok) return { ok: true, output: kept.value };
  return { ok: false, error: { name: "ResultNotStorable", message: `the agent's output cannot be stored: ${kept.message}`, code: "result_not_storable" } };
}

function ending(finished: Finished) {
  return finished.ok ? ({ to: "COMPLETED", output: finished.output } as const) : ({ to: "FAILED", error: finished.error } as const);
}
