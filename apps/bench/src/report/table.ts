import Table from "cli-table3";
import type { Figure } from "../measure.ts";
import type { Results } from "./results.ts";

const PLAIN = { top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "", left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "  " };

/** The results for people: medians with their spread, and beside them what was aimed at and what was measured before. */
export function tableOf(results: Results, before?: Results): string {
  const { machine, form, repeats } = results;
  const earlier = new Map(before?.figures.map((figure) => [figure.name, figure]));
  const table = new Table({
    head: ["", "median", "min – max", "target", ...(before ? ["before"] : []), ""],
    colAligns: ["left", "right", "right", "right", ...(before ? ["right" as const] : []), "left"],
    chars: PLAIN,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  const target = form === "tiny" ? () => "" : targetOf;
  let workload = "";
  for (const figure of results.figures) {
    if (figure.workload !== workload) table.push([{ content: `\n${figure.workload}`, colSpan: before ? 6 : 5 }]);
    workload = figure.workload;
    const { name, median, min, max, unit, what } = figure;
    table.push([`  ${name}`, `${rounded(median)} ${unit}`, `${rounded(min)} – ${rounded(max)}`, target(figure), ...(before ? [changeOf(figure, earlier.get(name))] : []), what]);
  }
  const about = [
    `${machine.cores} × ${machine.processor}, ${machine.memoryGb} GB, ${machine.system}`,
    `Node ${machine.node}, PostgreSQL ${machine.postgres} (${machine.durability}), load ${machine.load} at the start`,
    `${form} form, ${repeats} ${repeats === 1 ? "repeat" : "repeats"}, ${results.at}`,
  ];
  return `${about.join("\n")}\n${table.toString()}\n`;
}

function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 10 ? 1 : 2);
}

function targetOf({ target, better, median }: Figure): string {
  if (target === undefined) return "";
  const isReached = better === "higher" ? median >= target : median <= target;
  return `${better === "higher" ? "≥" : "≤"} ${target.toLocaleString("en")} ${isReached ? "✓" : "✗"}`;
}

/** As a multiple of what it was: `×1.25` is a quarter more, whichever is better. */
function changeOf({ median }: Figure, before: Figure | undefined): string {
  return before ? `${rounded(before.median)} ×${(median / before.median).toFixed(2)}` : "";
}
