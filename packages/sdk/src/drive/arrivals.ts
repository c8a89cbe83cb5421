import type { Reading } from "@tape/store";

/**
 * Reads what came to a run since the last look, one reading at a time: whoever asks while one is under way gets another
 * one after it.
 */
export class Arrivals {
  private running: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly hooks: {
      read(): Promise<Reading | null>;
      /** False: the drive is over, look no further. */
      take(reading: Reading | null): boolean;
      failed(error: unknown): void;
    },
  ) {}

  get isReading(): boolean {
    return this.running !== null;
  }

  /** Resolves when everything that had come at the call is taken. */
  async look(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.readAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async readAll(): Promise<void> {
    try {
      do {
        this.again = false;
        if (!this.hooks.take(await this.hooks.read())) return;
      } while (this.again);
    } catch (error) {
      this.hooks.failed(error);
    }
  }
}
