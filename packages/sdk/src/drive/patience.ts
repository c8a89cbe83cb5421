/** The patience of a replay is so many glances: a process that stood still for long has missed one of them, not all. */
const GLANCES = 10;

/** Notices a replay that asks nothing new for too long (D1). */
export class Patience {
  private timer: NodeJS.Timeout | undefined;
  /** Glances since the replay last got on. */
  private idle = 0;

  constructor(
    private readonly forMs: number,
    private readonly hooks: {
      /** Is there a replay to be patient with? */
      isNeeded(): boolean;
      /** Nothing was asked for so long. */
      isOver(): void;
    },
  ) {}

  /** The replay got on. */
  renew(): void {
    this.idle = 0;
    if (this.timer || !this.hooks.isNeeded()) return;
    this.timer = setInterval(() => this.glance(), this.forMs / GLANCES);
    this.timer.unref();
  }

  rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private glance(): void {
    this.idle += 1;
    if (this.idle >= GLANCES) this.hooks.isOver();
  }
}
