import { roleAtLeast, type Gate, type Me } from "@tape/core";
import { whyNotMine } from "./words.ts";

const MINUTE = 60_000;

/** How much time one can give with a click. */
export const EXTENSIONS = [
  { id: "15m", name: "15 min", ms: 15 * MINUTE },
  { id: "1h", name: "1 h", ms: 60 * MINUTE },
  { id: "4h", name: "4 h", ms: 240 * MINUTE },
  { id: "1d", name: "1 day", ms: 24 * 60 * MINUTE },
  { id: "own", name: "Other", ms: null },
] as const;
export type ExtensionId = (typeof EXTENSIONS)[number]["id"];

/** The longest time that the API takes: 366 days (ms). */
const MOST_MS = 366 * 24 * 60 * MINUTE;

/** How long from now the gate is to stay open (ms), or why that is no time. `own`: minutes, as they were written. */
export function extensionOf(choice: ExtensionId, own: string): { forMs: number; error: null } | { forMs: null; error: string } {
  const known = EXTENSIONS.find(({ id }) => id === choice)?.ms ?? null;
  if (known !== null) return { forMs: known, error: null };
  const text = own.trim();
  if (text === "") return { forMs: null, error: "Say how many minutes first." };
  const minutes = Number(text.replace(",", "."));
  if (!Number.isFinite(minutes) || minutes <= 0) return { forMs: null, error: "That is no number of minutes." };
  const forMs = Math.round(minutes * MINUTE);
  return forMs > MOST_MS || forMs < 1 ? { forMs: null, error: "Between a moment and 366 days." } : { forMs, error: null };
}

/** Why this time is not more than there is. Null: it is more. The new deadline is `forMs` from now, whatever was left. */
export function whyNotMore(deadlineAt: string | null, forMs: number, nowMs: number): string | null {
  if (deadlineAt === null) return null;
  return nowMs + forMs <= Date.parse(deadlineAt) ? "There is more time left than that already. Time counts from now." : null;
}

/** Why this person cannot give the gate more time: it takes one who may decide it, or an operator. */
export function whyNotExtend(gate: Gate, me: Me): string | null {
  if (gate.status !== "OPEN") return "It is closed.";
  if (roleAtLeast(me.role, "operator")) return null;
  // Having voted takes nobody's right away to wait for the others.
  return whyNotMine({ ...gate, decisions: [] }, me);
}
