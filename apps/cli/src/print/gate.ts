import { figuresOf, foreign, formatInstant, formatMoney, isMoney, oneLine, relativeTime, sayActor, sayAssignees, type Gate, type GateDisplay } from "@tape/core";
import { table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** What a gate asks in one line. */
export function titleOf({ display, name, payload }: Pick<Gate, "display" | "name" | "payload">): string {
  if (display !== null) return foreign(display.title, 200);
  const figures = figuresOf(payload);
  return figures === "" ? foreign(name, 60) : `${foreign(name, 60)}, ${figures}`;
}

/** The whole card, as the inbox shows it: what is asked, with which figures, and what follows. */
export function cardOf(terminal: Terminal, gate: Gate, now: Date): string {
  const { paint } = terminal;
  const { display } = gate;
  const lines = [paint.bold(titleOf(gate))];
  if (display?.question) lines.push(foreign(display.question, 1000));
  lines.push("", ...partsOf(terminal, gate));
  if (display?.onApprove) lines.push("", `Approve  ${foreign(display.onApprove, 500)}`);
  if (display?.onReject) lines.push(`Reject   ${foreign(display.onReject, 500)}`);
  if (display?.onExpiry) lines.push(`Expiry   ${foreign(display.onExpiry, 500)}`);
  lines.push("", paint.dim(factsOf(gate, now).join(" · ")));
  return lines.join("\n").replace(/\n{3,}/g, "\n\n");
}

function factsOf(gate: Gate, now: Date): string[] {
  return [
    `${foreign(gate.name, 60)} of ${foreign(gate.agent, 60)}`,
    gate.runId,
    `asked ${relativeTime(gate.openedAt, now)}`,
    ...(gate.risk ? [`risk ${gate.risk}`] : []),
    sayAssignees(gate.assignees) + (gate.quorum > 1 ? `, ${gate.quorum} approvals` : ""),
    gate.deadlineAt === null ? "no deadline" : `until ${formatInstant(gate.deadlineAt)}`,
    ...(gate.outcome ? [sayOutcome(gate)] : []),
  ];
}

/** `approved by ann@acme.com: “fine”`. */
export function sayOutcome({ outcome, decidedBy, comment }: Pick<Gate, "outcome" | "decidedBy" | "comment">): string {
  if (outcome === null) return "open";
  const said = outcome.replace("_", " ");
  const by = decidedBy === null ? said : `${said} by ${sayActor(decidedBy)}`;
  return comment ? `${by}: “${foreign(comment, 200)}”` : by;
}

function partsOf(terminal: Terminal, { display, payload }: Gate): string[] {
  if (!display || display.fields.length === 0) return payload === null ? [] : [safeJson(payload)];
  const isBlock = ({ as }: Field) => as === "table" || as === "json";
  const lines: string[] = [];
  let short: string[][] = [];
  const flush = () => {
    if (short.length > 0) lines.push(table(terminal, [{ head: "" }, { head: "" }], short));
    short = [];
  };
  for (const field of display.fields) {
    const value = at(payload, field.path);
    if (value === undefined || value === null || value === "") continue;
    const label = terminal.paint.dim(foreign(field.label, 60));
    if (isBlock(field)) {
      flush();
      lines.push("", label, blockOf(terminal, value), "");
    } else {
      const [first = "", ...rest] = wordsOf(value, field).split("\n");
      short.push([label, first], ...rest.map((line) => ["", line]));
    }
  }
  flush();
  return lines;
}

type Field = GateDisplay["fields"][number];

/** `rows.0.amount` in a payload; `undefined` where it leads nowhere. Only what the payload has of its own. */
function at(payload: unknown, path: string): unknown {
  let value: unknown = payload;
  for (const step of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function wordsOf(value: unknown, { as }: Field): string {
  if (isMoney(value)) return formatMoney(value);
  if (as === "date" && typeof value === "string" && !Number.isNaN(Date.parse(value))) return formatInstant(value);
  if (typeof value === "object") return safeJson(value);
  return String(value)
    .split("\n")
    .map((line) => oneLine(line))
    .join("\n");
}

function blockOf(terminal: Terminal, value: unknown): string {
  if (!Array.isArray(value) || !value.every((row) => typeof row === "object" && row !== null)) return safeJson(value);
  const rows = value as Record<string, unknown>[];
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isFigure = (key: string) => rows.every((row) => row[key] === undefined || row[key] === null || isMoney(row[key]) || typeof row[key] === "number");
  const columns = keys.map((key) => ({ head: foreign(key, 30), align: isFigure(key) ? ("right" as const) : ("left" as const) }));
  return table(terminal, columns, rows.map((row) => keys.map((key) => cellOf(row[key]))));
}

function cellOf(cell: unknown): string {
  if (cell === undefined || cell === null) return "";
  if (isMoney(cell)) return formatMoney(cell);
  return typeof cell === "object" ? oneLine(JSON.stringify(cell)) : foreign(String(cell), 80);
}

/** Indented JSON without anything a terminal would obey. */
function safeJson(value: unknown): string {
  return (JSON.stringify(value, null, 2) ?? "").split("\n").map((line) => line.replace(/[\u007f-\u009f]/g, "")).join("\n");
}
