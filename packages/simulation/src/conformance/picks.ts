/**
 * Numbers that choose: what a command is made of, given what there is at the moment. Zero chooses the first, and every
 * number beyond the last is zero, so that whatever makes the numbers smaller makes the command plainer.
 */
export class Picks {
  private place = 0;

  constructor(private readonly numbers: readonly number[]) {}

  /** From 0, below `bound`. */
  below(bound: number): number {
    const number = this.numbers[this.place++] ?? 0;
    return bound <= 1 ? 0 : number % bound;
  }

  /** Undefined for an empty list. */
  maybeOf<One>(list: readonly One[]): One | undefined {
    return list[this.below(list.length)];
  }

  /** The list must hold something. */
  of<One>(list: readonly One[]): One {
    return list[this.below(list.length)]!;
  }

  /** True so many times in a hundred; false by the number zero. */
  isLucky(percent: number): boolean {
    return this.below(100) >= 100 - percent;
  }
}
