import type { TimelineItem } from "../item.ts";
import { sampleItem, valueItem, type SampleGroup, type ValueGroup } from "./collapsed.ts";
import { decisionItem, type DecisionGroup } from "./decision.ts";
import { driveItem, type DriveGroup } from "./drive.ts";
import { droppedItem, type DroppedGroup } from "./dropped.ts";
import type { EffectGroup } from "./effect.ts";
import { effectItem } from "./effect-item.ts";
import { gateItem, type GateGroup } from "./gate.ts";
import { milestoneItem, type MilestoneGroup } from "./milestone.ts";
import { obligationItem, type ObligationGroup } from "./obligation.ts";
import { signalItem, type SignalGroup } from "./signal.ts";
import { singleItem, type SingleGroup } from "./single.ts";
import { timerItem, type TimerGroup } from "./timer.ts";

/** Everything that a row of the timeline is made from. */
export type Group =
  | DecisionGroup
  | DriveGroup
  | DroppedGroup
  | EffectGroup
  | GateGroup
  | MilestoneGroup
  | ObligationGroup
  | SampleGroup
  | SignalGroup
  | SingleGroup
  | TimerGroup
  | ValueGroup;

export type GroupOf<K extends Group["kind"]> = Extract<Group, { kind: K }>;

/** The row that a group is drawn as. */
export function itemFor(group: Group): TimelineItem {
  switch (group.kind) {
    case "decision":
      return decisionItem(group);
    case "drive":
      return driveItem(group);
    case "dropped":
      return droppedItem(group);
    case "effect":
      return effectItem(group);
    case "gate":
      return gateItem(group);
    case "run":
      return milestoneItem(group);
    case "obligation":
      return obligationItem(group);
    case "sample":
      return sampleItem(group);
    case "signal":
      return signalItem(group);
    case "child":
    case "budget":
      return singleItem(group);
    case "timer":
      return timerItem(group);
    case "value":
      return valueItem(group);
  }
}
