import { withBody } from "../context.ts";

/** What is under way in a drive: work that keeps it from being parked, and the tool and model bodies among it. */
export class Work {
  private performing = 0;
  private bodies = 0;
  /** Calls begun by hand: a framework performs them. */
  private held = 0;
  private idle: (() => void)[] = [];

  constructor(
    private readonly hooks: {
      /** Something ended: this may be the last. */
      ended(): void;
      /** A step failed outside its body: a fault of ours, or the database's. */
      broke(error: unknown): void;
    },
  ) {}

  get isUnderWay(): boolean {
    return this.performing > 0;
  }

  /** Only bodies run, and nothing that renews the lease by its commits: a hung body is found by its lease (§4). */
  get isOnlyBodies(): boolean {
    return this.bodies > 0 && this.performing <= this.bodies;
  }

  /** Is somebody acting on the world, here or in a framework? */
  get isActing(): boolean {
    return this.bodies + this.held > 0;
  }

  async perform(work: () => Promise<void>): Promise<void> {
    this.performing += 1;
    try {
      await work();
    } catch (error) {
      this.hooks.broke(error);
    } finally {
      this.performing -= 1;
      this.hooks.ended();
    }
  }

  /** Runs tool or model code, which may not open steps (D7). */
  async body<T>(name: string, run: () => Promise<T> | T): Promise<T> {
    this.bodies += 1;
    try {
      return await withBody(name, async () => run());
    } finally {
      this.bodies -= 1;
      this.actEnded();
    }
  }

  /** Waits for somebody else's act to be told. */
  async hold<T>(told: Promise<T>): Promise<T> {
    this.held += 1;
    try {
      return await told;
    } finally {
      this.held -= 1;
      this.actEnded();
    }
  }

  /** Resolves when nobody acts any more. */
  async actsEnded(): Promise<void> {
    if (this.isActing) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private actEnded(): void {
    if (this.isActing) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
