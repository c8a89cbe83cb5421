import type { Gate } from "../wire/gate.ts";
import type { Draft } from "./draft.ts";
import { isSameJson } from "./same-json.ts";
import { escalatedTo, linkOf, type GateGroup } from "./group/gate.ts";
import type { ChainLink } from "./item.ts";

/**
 * A gate that opens with the payload of one that expired is its escalation: the newest such gate that no other has taken
 * over. Answers the links before it, and tells the expired one where it went on.
 */
export function escalate(draft: Draft, opened: GateGroup, position: number): readonly ChainLink[] {
  const { expired } = draft.memory;
  const asked = opened.opened?.payload.payload ?? null;
  // Two gates that ask about nothing have nothing in common.
  if (asked === null) return [];
  const at = expired.findLast((place) => place !== position && isSameJson(draft.get(place, "gate")?.opened?.payload.payload, asked));
  const before = at === undefined ? null : draft.get(at, "gate");
  if (at === undefined || before === null) return [];
  draft.remember({ expired: expired.filter((place) => place !== at) });
  draft.touch(at, escalatedTo(before, opened.name));
  return [...before.chain, linkOf(before)];
}

/** The gate that expired before `gate` was opened with the same payload, from its run's gates. Null: it is no escalation. */
export function escalatedFrom(gate: Pick<Gate, "id" | "runId" | "openedAt" | "payload">, gates: readonly Gate[]): Gate | null {
  if (gate.payload === null || gate.payload === undefined) return null;
  const earlier = gates.filter((one) => one.id !== gate.id && one.runId === gate.runId && one.status === "TIMED_OUT" && (one.decidedAt ?? "") <= gate.openedAt);
  const same = earlier.filter((one) => isSameJson(one.payload, gate.payload));
  return same.reduce<Gate | null>((newest, one) => (newest === null || (one.decidedAt ?? "") > (newest.decidedAt ?? "") ? one : newest), null);
}
