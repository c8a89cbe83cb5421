import { grouped, type RunSummary } from "@tape/core";

export type ProgressFigures = NonNullable<RunSummary["progress"]>;

export interface ProgressWords {
  /** 0 to 1; null when nobody knows how much there is. */
  share: number | null;
  /** `412`. */
  done: string;
  /** `1,000`; null when nobody knows. */
  total: string | null;
  /** `412 of 1,000 payments`, `18,412 lines so far`. */
  sentence: string;
}

/** How far something is, in figures and in words. A total of 0, or none, is one that nobody knows yet. */
export function progressWords({ done, label, total }: ProgressFigures): ProgressWords {
  const isKnown = Number.isFinite(total) && total > 0;
  const said = figure(done);
  const what = label === undefined || label.trim() === "" ? "" : ` ${label.trim()}`;
  if (!isKnown) return { share: null, done: said, total: null, sentence: `${said}${what} so far` };
  return { share: Math.min(1, Math.max(0, done / total)), done: said, total: figure(total), sentence: `${said} of ${figure(total)}${what}` };
}

/** Whole numbers as they are, others with one digit: a bar that counts in percent does not need more. */
function figure(n: number): string {
  return grouped(String(Number.isInteger(n) ? n : Math.floor(n * 10) / 10));
}
