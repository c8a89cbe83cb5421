import { ROLES, TapeError, figuresOf, formatInstant, formatMoney, isMoney, oneLine, roleAtLeast, sayActor, type Gate, type Me, type Role } from "@tape/core";
import { valueAt } from "./value-at.ts";

/** What a gate asks, in a line. */
export function gateTitle(gate: Gate): string {
  if (gate.display !== null) return oneLine(gate.display.title);
  const figures = figuresOf(gate.payload);
  return figures === "" ? gate.name : `${gate.name}: ${figures}`;
}

/** The sum a decision is about: the first field shown as money. */
export function gateSum(gate: Gate): string | null {
  for (const { as, path } of gate.display?.fields ?? []) {
    const value = valueAt(gate.payload, path);
    if (as === "money" && isMoney(value)) return formatMoney(value);
  }
  return null;
}

/** Why this person cannot decide this gate, whatever the connection. The server has the last word. */
export function whyNotMine(gate: Gate, me: Me): string | null {
  if (gate.status !== "OPEN") return "It is closed.";
  if (!roleAtLeast(me.role, "approver")) return `Deciding needs the role approver; you are signed in as ${me.role}.`;
  if (gate.decisions.some((decision) => decision.by === me.actor)) return "You have voted. It waits for the others.";
  if (gate.assignees.length === 0 || gate.assignees.some((assignee) => isMe(assignee, me))) return null;
  return `It is for ${gate.assignees.map(sayAssignee).join(" or ")}.`;
}

function isMe(assignee: string, me: Me): boolean {
  const [kind, who = ""] = splitOnce(assignee);
  if (kind === "user") return who === me.email || assignee === me.actor;
  return kind === "role" && (ROLES as readonly string[]).includes(who) && roleAtLeast(me.role, who as Role);
}

function sayAssignee(assignee: string): string {
  const [kind, who = assignee] = splitOnce(assignee);
  return kind === "role" ? `anyone with the role ${who}` : who;
}

function splitOnce(text: string): [string, string?] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
}

/** A card must have been on the screen this long before a key decides on it (ms). */
export const SETTLE_MS = 400;

/** May a key decide now? Not on a card that has only just come under the fingers. */
export function keyMayDecide(shownAtMs: number, nowMs: number): boolean {
  return nowMs - shownAtMs >= SETTLE_MS;
}

export interface Refusal {
  code: "already_decided" | "changed" | "other";
  sentence: string;
}

/** Why a decision did not count, as the approver reads it. */
export function refusalOf(error: unknown): Refusal {
  if (TapeError.is(error, "already_decided")) {
    const { outcome, by, at } = error.details ?? {};
    const who = typeof by === "string" ? ` by ${sayActor(by)}` : "";
    const when = typeof at === "string" ? `, ${formatInstant(at)}` : "";
    return { code: "already_decided", sentence: typeof outcome === "string" ? `Already ${outcome.replace("_", " ")}${who}${when}. Your decision was not counted.` : error.message };
  }
  if (TapeError.is(error, "fingerprint_mismatch")) {
    return { code: "changed", sentence: "What it asks has changed since you opened it, so your decision was not counted. Read it again." };
  }
  return { code: "other", sentence: error instanceof Error ? error.message : "The decision was not counted." };
}
