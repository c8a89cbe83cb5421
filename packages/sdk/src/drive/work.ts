import { withBody } from "../context.ts";

/** What is under way in a drive: work that keeps it from being parked, and the tool and model bodies among it. */
export class Work {
  private performing = 0;
  private bodies = 0;

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
    }
  }
}
