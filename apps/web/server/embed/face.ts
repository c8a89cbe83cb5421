import { clip, grouped, oneLine, progress, runWords, type Run, type Tone, type WhyWaiting } from "@tape/core";

/** All that a progress link shows of a run. */
export interface Face {
  /** What is being done, in the run's own words. */
  label: string | null;
  /** 0 to 100, and 100 only when all is done; null when there is no telling. */
  percent: number | null;
  /** `37 of 200`; null before the first word. */
  figures: string | null;
  /** How the run is, or how it ended. */
  word: string;
  tone: Tone;
  isStruck: boolean;
  /** It has ended and nobody drives it any more: what is shown is final. */
  isOver: boolean;
}

const ENDED = new Set<Run["status"]>(["COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"]);
const MOST_LABEL = 120;

export function faceOf(run: Pick<Run, "status" | "progress" | "lease"> & { whyWaiting: readonly Pick<WhyWaiting, "code">[] }): Face {
  const { word, tone, struck } = runWords(run.status, run.whyWaiting);
  // Anybody may write to that value; what is no progress is as good as none.
  const { data } = progress.safeParse(run.progress);
  const label = data?.label === undefined ? "" : clip(oneLine(data.label), MOST_LABEL);
  return {
    label: label === "" ? null : label,
    percent: data ? percentOf(data) : null,
    figures: data ? `${figure(data.done)} of ${figure(data.total)}` : null,
    word,
    tone,
    isStruck: struck === true,
    isOver: ENDED.has(run.status) && run.lease === null,
  };
}

function percentOf({ done, total }: { done: number; total: number }): number | null {
  if (!(total > 0)) return null;
  return Math.floor(Math.min(1, Math.max(0, done / total)) * 100);
}

function figure(n: number): string {
  return Number.isSafeInteger(n) ? grouped(String(n)) : String(Number(n.toPrecision(6)));
}
