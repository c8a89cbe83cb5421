import Table from "cli-table3";
import type { Terminal } from "./terminal.ts";

export interface Column {
  head: string;
  align?: "left" | "right";
}

const NONE = {
  top: "", "top-mid": "", "top-left": "", "top-right": "",
  bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
  left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: "",
};

const GAP = 2;

/** Aligned columns without lines; heads are dim and left out when empty. On a terminal the last column is cut to fit, or wrapped. */
export function table(terminal: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[], { wrap = false }: { wrap?: boolean } = {}): string {
  const drawn = new Table({
    chars: NONE,
    style: { head: [], border: [], "padding-left": 0, "padding-right": GAP },
    colAligns: columns.map(({ align = "left" }) => align),
    wordWrap: wrap,
    colWidths: widths(terminal, columns, rows),
  });
  if (columns.some(({ head }) => head !== "")) drawn.push(columns.map(({ head }) => terminal.paint.dim(head)));
  for (const row of rows) drawn.push([...row]);
  return drawn
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** Only the last column is given a width, and only when the line would not fit. */
function widths({ width }: Terminal, columns: readonly Column[], rows: readonly (readonly string[])[]): (number | null)[] {
  const free: (number | null)[] = columns.map(() => null);
  if (!Number.isFinite(width)) return free;
  const needed = columns.map(({ head }, place) => Math.max(head.length, ...rows.map((row) => visibleLength(row[place] ?? ""))) + GAP);
  const before = needed.slice(0, -1).reduce((sum, each) => sum + each, 0);
  const last = needed.at(-1) ?? 0;
  if (before + last <= width || width - before < 12) return free;
  return [...free.slice(0, -1), width - before];
}

const ANSI = /\u001b\[[0-9;]*m/g;

function visibleLength(text: string): number {
  return [...text.replace(ANSI, "")].length;
}
