import { createRandom, hashOf, type Random } from "./random.ts";
import type { World } from "./world.ts";

/** What a simulated process was told to do while it stood still. */
type Held = () => void;

/**
 * One simulated operating system process: code that runs when something happens to it, a clock of its own, and an end.
 * Nothing reaches it, and nothing of it runs, while it is paused; what came meanwhile comes at once afterwards, in order.
 */
export class Process {
  /** Its clock minus the database's (ms). */
  skewMs: number;
  private state: "running" | "paused" | "dead" = "running";
  private readonly held: Held[] = [];
  private readonly bornAt: number;
  readonly random: Random;

  /** @param slot Its place: a process that is started again has the slot of the one before. */
  constructor(
    readonly slot: string,
    readonly name: string,
    readonly world: World,
    { skewMs = 0 }: { skewMs?: number } = {},
  ) {
    this.skewMs = skewMs;
    this.bornAt = world.timeline.now;
    this.random = createRandom(hashOf(world.timeline.seed, "process", name));
  }

  get isDead(): boolean {
    return this.state === "dead";
  }

  get isPaused(): boolean {
    return this.state === "paused";
  }

  /** Milliseconds since 1970 by its own clock. */
  wallMs(): number {
    return Math.floor(this.world.timeline.databaseMs() + this.skewMs);
  }

  /** Milliseconds since it began; goes on while it is paused. */
  monotonicMs(): number {
    return this.world.timeline.now - this.bornAt;
  }

  /** Runs something in it after so long, if it lives then; when it is paused, once it goes on. */
  after(ms: number, work: () => void): void {
    if (this.state !== "dead") this.world.timeline.plan(ms, this, work);
  }

  /** False: it stands still, and does this when it goes on. */
  mayRun(work: Held): boolean {
    if (this.state === "paused") this.held.push(work);
    return this.state === "running";
  }

  pause(): void {
    if (this.state === "running") this.state = "paused";
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "running";
    for (const work of this.held.splice(0)) this.after(0, work);
  }

  /** As by `kill -9`: nothing of it ever runs again. */
  kill(): void {
    this.state = "dead";
    this.held.length = 0;
  }
}
