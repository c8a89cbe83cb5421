import type { Town } from "../town/index.ts";
import { Process, type World } from "../world/index.ts";
import type { Schedule } from "./choice.ts";

interface Member {
  process: Process;
  worker: { stop(): void };
}

/** The workers of a schedule: at most one process in each slot. */
export class Crew {
  readonly counts = { killed: 0, stopped: 0, paused: 0, started: 0 };
  private readonly members = new Map<string, Member>();
  private readonly skews: ReadonlyMap<string, number>;

  constructor(
    private readonly world: World,
    private readonly town: Town,
    private readonly schedule: Schedule,
  ) {
    this.skews = new Map(schedule.workers.map(({ slot, skewMs }) => [slot, skewMs]));
  }

  get isAnyPaused(): boolean {
    return [...this.members.values()].some(({ process }) => process.isPaused);
  }

  /** One in each slot that has none. */
  startAll(): void {
    for (const slot of this.skews.keys()) this.start(slot);
  }

  kill(slot: string, backInMs: number): void {
    const member = this.living(slot);
    if (!member) return;
    this.counts.killed += 1;
    member.process.kill();
    this.world.hints.breakOff(slot);
    this.startLater(slot, backInMs);
  }

  stop(slot: string, backInMs: number): void {
    const member = this.living(slot);
    if (!member) return;
    this.counts.stopped += 1;
    member.process.after(0, () => member.worker.stop());
    this.startLater(slot, backInMs + 3_000);
  }

  pause(slot: string, forMs: number): void {
    const process = this.living(slot)?.process;
    if (!process || process.isPaused) return;
    this.counts.paused += 1;
    process.pause();
    this.world.timeline.plan(forMs, null, () => process.resume());
  }

  shiftClock(slot: string, byMs: number): void {
    const process = this.living(slot)?.process;
    if (process) process.skewMs = byMs;
  }

  /** Nobody stands still any more, and every slot has its worker. */
  heal(): void {
    for (const { process } of this.members.values()) process.resume();
    this.startAll();
  }

  private living(slot: string): Member | undefined {
    const member = this.members.get(slot);
    return member?.process.isDead ? undefined : member;
  }

  private startLater(slot: string, inMs: number): void {
    this.world.timeline.plan(inMs, null, () => this.start(slot));
  }

  private start(slot: string): void {
    if (this.living(slot)) return;
    const { started } = this.counts;
    this.counts.started += 1;
    const process = new Process(slot, `${slot}#${started + 1}`, this.world, { skewMs: this.skews.get(slot) ?? 0 });
    this.members.set(slot, { process, worker: this.town.work(process, this.schedule.settings) });
  }
}
