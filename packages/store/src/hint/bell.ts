/** What ends a wait. Rung before anybody waits, it ends the next wait at once. */
export class Bell {
  private rung = false;
  private answer: (() => void) | undefined;

  ring(): void {
    this.rung = true;
    this.answer?.();
  }

  hush(): void {
    this.rung = false;
  }

  /** Resolves when it rings, or after `ms`. */
  wait(ms: number): Promise<void> {
    if (this.rung) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.answer = undefined;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.answer = done;
    });
  }
}
