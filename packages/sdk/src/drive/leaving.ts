import type { DriveJournal, LateOutcome } from "./journal.ts";
import type { Work } from "./work.ts";

/** What a drive that commits no more still has to do: say what its bodies bring, and leave a cancelled run in order. */
export class Leaving {
  private readonly underWay = new Set<Promise<void>>();
  private hurried = false;
  private onHurry: () => void = () => {};

  constructor(
    private readonly journal: Pick<DriveJournal, "late" | "noticeCancel" | "settle">,
    private readonly work: Work,
    private readonly log: (event: string, details: Record<string, unknown>) => void,
  ) {}

  /** Says what became of an effect: money may have moved (D12). */
  say(outcome: LateOutcome): void {
    const said = this.journal
      .late(outcome)
      .catch((error: unknown) => this.log("late_outcome_not_recorded", { key: outcome.key, error: messageOf(error) }))
      .finally(() => this.underWay.delete(said));
    this.underWay.add(said);
  }

  /**
   * Says that the cancellation was noticed, waits until every body has returned and what it brought is recorded, then
   * settles the run (D14). What fails here is done by recovery.
   */
  async drain(epoch: number, { isHeld, answered }: { isHeld(): boolean; answered: Promise<void> }): Promise<void> {
    const noticed = this.journal.noticeCancel(epoch).catch((error: unknown) => this.log("cancel_not_noticed", { error: messageOf(error) }));
    await Promise.race([this.allSaid(answered), new Promise<void>((resolve) => (this.onHurry = resolve))]);
    await noticed;
    if (isHeld()) await this.journal.settle(epoch).catch((error: unknown) => this.log("not_settled", { error: messageOf(error) }));
  }

  /** Waits for bodies no longer: what they bring later is said without the lease. */
  hurry(): void {
    this.hurried = true;
    this.onHurry();
  }

  private async allSaid(answered: Promise<void>): Promise<void> {
    // What stands by the last commit may lead to one more word.
    await answered;
    await new Promise((turned) => setImmediate(turned));
    while (!this.hurried && (this.work.isActing || this.underWay.size > 0)) {
      await this.work.actsEnded();
      // What it brought is said in the turn after.
      await new Promise((turned) => setImmediate(turned));
      await Promise.all(this.underWay);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
