import type { ItemKind, TimelineItem } from "@tape/core";

/** The filters of a timeline. Every kind of row belongs to exactly one. */
export const GROUPS = [
  { id: "decisions", name: "Decisions", kinds: ["decision", "budget"] },
  { id: "effects", name: "Effects", kinds: ["effect"] },
  { id: "undo", name: "Undo", kinds: ["obligation"] },
  { id: "gates", name: "Gates", kinds: ["gate"] },
  { id: "signals", name: "Signals", kinds: ["signal"] },
  { id: "timers", name: "Timers", kinds: ["timer"] },
  { id: "values", name: "Values", kinds: ["value", "sample"] },
  { id: "runs", name: "Runs", kinds: ["run", "drive", "child"] },
] as const satisfies readonly { id: string; name: string; kinds: readonly ItemKind[] }[];

export type GroupId = (typeof GROUPS)[number]["id"];

const GROUP_OF = new Map<ItemKind, GroupId>(GROUPS.flatMap(({ id, kinds }) => kinds.map((kind) => [kind, id] as const)));

export function groupOf(kind: ItemKind): GroupId {
  return GROUP_OF.get(kind) ?? "runs";
}

export interface TimelineFilter {
  /** Empty: all of them. */
  groups: readonly GroupId[];
  /** Uneventful drives, samples, progress: shown when asked for, or when their group is. */
  bookkeeping: boolean;
}

/** Is the row shown? Bookkeeping steps back unless one asks for it, or for its group alone. */
export function isShown(item: TimelineItem, { groups, bookkeeping }: TimelineFilter): boolean {
  const asked = groups.includes(groupOf(item.kind));
  if (groups.length > 0 && !asked) return false;
  return !item.secondary || bookkeeping || asked;
}

export function readGroups(text: string | null): GroupId[] {
  const asked = new Set((text ?? "").split(","));
  return GROUPS.map(({ id }) => id).filter((id) => asked.has(id));
}
