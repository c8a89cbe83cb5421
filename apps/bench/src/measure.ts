import type { FigureSpec, Form, Server, Workload } from "./workload.ts";
import { percentile } from "./statistics.ts";

/** A figure over its repeats. */
export interface Figure extends FigureSpec {
  workload: string;
  name: string;
  /** One for each repeat, in order. */
  samples: number[];
  median: number;
  min: number;
  max: number;
}

export interface Measured {
  figures: Figure[];
  /** What could not be measured, a line each. */
  failures: string[];
}

export interface Measuring {
  workloads: readonly Workload[];
  form: Form;
  repeats: number;
  /** Told what is measured next. */
  onStart(workload: Workload, repeat: number): void;
}

/** Every workload once, then every one again: what the machine does meanwhile falls on all of them. */
export async function measure(server: Server, { workloads, form, repeats, onStart }: Measuring): Promise<Measured> {
  const samples = new Map<string, number[]>();
  const failures: string[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const workload of workloads) {
      onStart(workload, repeat);
      try {
        for (const [name, value] of Object.entries(await workload.measure(server, form))) samples.set(name, [...(samples.get(name) ?? []), value]);
      } catch (error) {
        failures.push(`${workload.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  const measured = workloads.flatMap(({ name: workload, figures }) => Object.entries(figures).map(([name, spec]) => figureOf(workload, name, spec, samples.get(name) ?? [])));
  return { figures: measured.filter((figure) => figure.samples.length > 0).concat(sharesOf(samples)), failures };
}

function figureOf(workload: string, name: string, spec: FigureSpec, samples: number[]): Figure {
  if (samples.length === 0) return { ...spec, workload, name, samples, median: NaN, min: NaN, max: NaN };
  return { ...spec, workload, name, samples, median: percentile(samples, 0.5), min: Math.min(...samples), max: Math.max(...samples) };
}

/** What is left of the raw limit that was measured in the same repeat. */
const SHARES: readonly { name: string; of: string; raw: string; spec: FigureSpec }[] = [
  { name: "shareOfRawAt1", of: "runsPerSecondAt1", raw: "rawRunsPerSecondAt1", spec: { unit: "×", better: "higher", what: "5-step runs against the raw statements, 1 at once" } },
  { name: "shareOfRawAt50", of: "runsPerSecondAt50", raw: "rawBatchedRunsPerSecondAt50", spec: { unit: "×", better: "higher", target: 0.5, what: "5-step runs against the raw batches, 50 at once" } },
];

function sharesOf(samples: ReadonlyMap<string, number[]>): Figure[] {
  return SHARES.flatMap(({ name, of, raw, spec }) => {
    const [tape, limit] = [samples.get(of) ?? [], samples.get(raw) ?? []];
    const shares = tape.slice(0, limit.length).map((value, place) => value / limit[place]!);
    return shares.length > 0 ? [figureOf("share of the limit", name, spec, shares)] : [];
  });
}
