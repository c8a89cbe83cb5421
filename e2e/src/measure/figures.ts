/** What was measured. With fewer than twenty samples `p95` is the worst one; of a rate, the lowest. */
export interface Figure {
  name: string;
  unit: "ms" | "MB" | "per s";
  median: number;
  p95: number;
  samples: number;
}

export function figureOf(name: string, unit: Figure["unit"], samples: readonly number[]): Figure {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  // For a rate the bad end is the low one.
  return { name, unit, median: round(at(0.5)), p95: round(unit === "per s" ? (sorted[Math.floor(0.05 * sorted.length)] ?? NaN) : at(0.95)), samples: samples.length };
}

function round(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** One table for people and one line of JSON for programs. */
export function print(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, unit, median, p95, samples }) => [name, `${median} ${unit}`, `${p95} ${unit}`, String(samples)]);
  const all = [["", "median", "p95", "samples"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  for (const row of all) console.log(row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("   "));
  console.log(JSON.stringify({ figures }));
}
