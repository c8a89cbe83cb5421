import type { StormInput } from "./agents.ts";
import { between, type Random } from "./random.ts";

/** What is asked of one run. */
export interface Wish {
  n: number;
  input: StormInput;
  /** So long after its start (ms); null: never. */
  cancelsAfterMs: number | null;
  compensates: boolean;
  /** Its gate is. */
  rejects: boolean;
}

export function wishes(random: Random, count: number): Wish[] {
  return Array.from({ length: count }, (_, n) => {
    const gated = random() < 0.4;
    return {
      n,
      input: { n, gated, sleeps: random() < 0.3, posts: random() < 0.3, losesAck: random() < 0.1, ms: between(random, 0, 150) },
      cancelsAfterMs: random() < 0.15 ? between(random, 0, 3_000) : null,
      compensates: random() < 0.15,
      rejects: gated && random() < 0.1,
    };
  });
}

/** Statuses that the wish allows a run to end in. A cancellation may come too late. */
export function mayEndAs({ cancelsAfterMs, compensates, rejects }: Wish): string[] {
  if (compensates) return ["COMPENSATED"];
  return [rejects ? "FAILED" : "COMPLETED", ...(cancelsAfterMs === null ? [] : ["CANCELLED"])];
}
