import type { Gate } from "@tape/core";

/** The gates a person has in front of them, oldest first. A decided one stays in its place until the list is asked anew. */
export interface Inbox {
  gates: readonly Gate[];
  openCount: number;
  /** Gates that closed and whose outcome is not here yet. */
  closing: ReadonlySet<string>;
  /** Those that came after the first load, for the announcement. */
  arrived: readonly string[];
}

export type InboxNews =
  | { type: "loaded"; gates: readonly Gate[]; openCount: number }
  | { type: "changed"; upserts: readonly Gate[]; removed: readonly string[]; openCount: number }
  /** The screen was left, or the person asked: closed gates leave the list. */
  | { type: "tidied"; keep?: string };

export const emptyInbox: Inbox = { gates: [], openCount: 0, closing: new Set(), arrived: [] };

export function startInbox(gates: readonly Gate[], openCount = gates.length): Inbox {
  return { ...emptyInbox, gates: [...gates].sort(byOpening), openCount };
}

export function inbox(state: Inbox, news: InboxNews): Inbox {
  switch (news.type) {
    case "loaded": {
      const open = new Set(news.gates.map((gate) => gate.id));
      const lost = state.gates.filter((gate) => gate.status === "OPEN" && !open.has(gate.id)).map((gate) => gate.id);
      return close(upsert({ ...state, openCount: news.openCount }, news.gates), lost);
    }
    case "changed":
      return close(upsert({ ...state, openCount: news.openCount }, news.upserts), news.removed);
    case "tidied": {
      const gates = state.gates.filter((gate) => (gate.status === "OPEN" && !state.closing.has(gate.id)) || gate.id === news.keep);
      return gates.length === state.gates.length ? state : { ...state, gates };
    }
  }
}

function upsert(state: Inbox, upserts: readonly Gate[]): Inbox {
  if (upserts.length === 0) return state;
  const byId = new Map(upserts.map((gate) => [gate.id, gate]));
  const shown = new Set(state.gates.map((gate) => gate.id));
  const fresh = upserts.filter((gate) => !shown.has(gate.id) && gate.status === "OPEN").sort(byOpening);
  const gates = [...state.gates.map((gate) => newer(gate, byId.get(gate.id))), ...fresh];
  const closing = new Set([...state.closing].filter((id) => !byId.has(id)));
  return { ...state, gates, closing, arrived: [...state.arrived, ...fresh.map((gate) => gate.id)] };
}

function close(state: Inbox, removed: readonly string[]): Inbox {
  const closing = state.gates.filter((gate) => gate.status === "OPEN" && removed.includes(gate.id)).map((gate) => gate.id);
  return closing.length === 0 ? state : { ...state, closing: new Set([...state.closing, ...closing]) };
}

/** A closed gate never opens again, so an overtaken answer cannot undo an outcome. */
function newer(shown: Gate, next: Gate | undefined): Gate {
  if (next === undefined) return shown;
  return shown.status !== "OPEN" && next.status === "OPEN" ? shown : next;
}

function byOpening(a: Gate, b: Gate): number {
  return a.openedAt === b.openedAt ? (a.id < b.id ? -1 : 1) : a.openedAt < b.openedAt ? -1 : 1;
}
