/** What code under measurement says of itself: of which run or timer, and a number (ms). */
export interface Mark {
  of: string;
  ms: number;
}

/** Kept in memory until they are taken, so that marking costs nothing that is measured. */
export interface Marks {
  add(of: string, ms: number): void;
  /** All since the last time. */
  take(): Mark[];
}

export function createMarks(): Marks {
  let marks: Mark[] = [];
  return {
    add: (of, ms) => void marks.push({ of, ms }),
    take: () => {
      const taken = marks;
      marks = [];
      return taken;
    },
  };
}
