import type { EntryOf } from "../entry/index.ts";
import { beginDrive, continuesDrive, driveAgain, driveFromWithin, endDrive, loseDrive } from "./group/drive.ts";
import { endedWaits } from "./group/group.ts";
import { beginMilestone, endWalk, extendMilestone, resolveMilestone, waitingForWalker, type Afterword } from "./group/milestone.ts";
import { beginSingle } from "./group/single.ts";
import type { Draft } from "./draft.ts";

/** Milestones, drives and children: everything of kind `run` but samples. */
export function applyRun(draft: Draft, entry: Exclude<EntryOf<"run">, EntryOf<"run", "sampled">>): void {
  switch (entry.verb) {
    case "claimed":
      return claim(draft, entry);
    case "parked":
      return leave(draft, entry);
    case "released":
      return entry.payload.reason === "stopping" ? leave(draft, entry) : backOff(draft, entry);
    case "child":
      return void draft.add(beginSingle(entry));
    case "walk_claimed":
      dealtWith(draft, entry.at);
      return close(draft, entry);
    case "cancel_noticed":
    case "settled":
    case "walk_released":
      return close(draft, entry);
    case "started":
      return void draft.remember({ undriven: draft.add(beginMilestone(entry)) });
    case "completed":
      endNewestDrive(draft, entry);
      return void draft.add(beginMilestone(entry));
    case "failed":
    case "stuck":
      if (entry.verb === "stuck" && entry.payload.reason.code === "poison") loseNewestDrive(draft, entry);
      endNewestDrive(draft, entry);
      driven(draft, entry, null);
      return draft.remember({ trouble: draft.add(beginMilestone(entry)) });
    case "redriven":
      dealtWith(draft, entry.at);
      return driven(draft, entry, draft.add(beginMilestone(entry)));
    case "compensated":
      dealtWith(draft, entry.at);
      endNewestDrive(draft, entry);
      return compensated(draft, entry);
    case "cancelled":
    case "compensating": {
      dealtWith(draft, entry.at);
      const before = draft.get(draft.memory.closing, "run");
      const cancelling = entry.verb === "compensating" && before?.entry.verb === "cancelled" && before.settledAt === null ? draft.memory.closing : null;
      const position = draft.add(beginMilestone(entry, draft.lastAt));
      draft.remember({ closing: position, cancelling });
      return driven(draft, entry, entry.verb === "compensating" ? position : null);
    }
  }
}

/** A worker takes the run. What waited for one is over; a silent owner's drive is over too. */
function claim(draft: Draft, entry: EntryOf<"run", "claimed">): void {
  const { version } = draft.memory;
  dealtWith(draft, entry.at);
  if (entry.payload.taken === "stale") loseNewestDrive(draft, entry);
  driven(draft, entry, null);
  const last = draft.get(draft.lastPosition, "drive");
  const at = draft.lastPosition;
  if (last !== null && at !== null && continuesDrive(last, entry, version)) draft.give(at, entry, driveAgain(last, entry));
  else draft.remember({ drive: draft.add(beginDrive(entry, version)) });
  draft.remember({ version: entry.payload.version ?? version });
}

/** The driver leaves; from here on nobody drives the run. */
function leave(draft: Draft, entry: EntryOf<"run", "parked" | "released">): void {
  const at = draft.memory.drive ?? draft.add(driveFromWithin(entry));
  const drive = draft.get(at, "drive");
  if (drive === null) return;
  draft.give(at, entry, endDrive(drive, entry));
  draft.remember({ drive: at, undriven: at });
}

/** The driver leaves for a while that it has named. */
function backOff(draft: Draft, entry: EntryOf<"run", "released">): void {
  endNewestDrive(draft, entry);
  draft.remember({ undriven: draft.add(beginMilestone(entry)) });
}

/** What became of a cancellation or compensation. */
function close(draft: Draft, entry: Afterword): void {
  if (entry.verb === "settled") settle(draft, entry);
  const at = draft.memory.closing;
  const group = draft.get(at, "run");
  if (at === null || group === null) draft.add(beginMilestone(entry));
  else draft.give(at, entry, extendMilestone(group, entry));
}

/** The last driver has left: also a cancellation that was still waiting for it when compensation was asked for. */
function settle(draft: Draft, entry: EntryOf<"run", "settled">): void {
  endNewestDrive(draft, entry);
  const { cancelling } = draft.memory;
  const group = draft.get(cancelling, "run");
  if (cancelling !== null && group !== null) draft.touch(cancelling, { ...group, settledAt: entry.at });
  draft.remember({ cancelling: null });
}

/** The walk is over, and so is what its row waited for. */
function compensated(draft: Draft, entry: EntryOf<"run", "compensated">): void {
  const at = draft.memory.closing;
  const group = draft.get(at, "run");
  if (at !== null && group?.entry.verb === "compensating") draft.touch(at, endWalk(group, entry.at));
  draft.add(beginMilestone(entry));
}

/** A person has settled an obligation that gave up: its run is no longer stuck, and the walk waits for a worker to go on. */
export function resumeWalk(draft: Draft, obligationId: string, at: string): void {
  const trouble = draft.get(draft.memory.trouble, "run")?.entry;
  if (trouble?.verb !== "stuck" || trouble.payload.reason.code !== "compensation" || trouble.payload.reason.obligationId !== obligationId) return;
  dealtWith(draft, at);
  const position = draft.memory.closing;
  const group = draft.get(position, "run");
  if (position !== null && group?.entry.verb === "compensating") draft.touch(position, waitingForWalker(group, at));
}

function endNewestDrive(draft: Draft, entry: EntryOf<"run">): void {
  const drive = draft.get(draft.memory.drive, "drive");
  if (drive !== null && draft.memory.drive !== null && drive.endedAt === null) draft.touch(draft.memory.drive, endDrive(drive, entry));
}

/** The newest driver fell silent after the journal's last entry. */
function loseNewestDrive(draft: Draft, entry: EntryOf<"run">): void {
  const drive = draft.get(draft.memory.drive, "drive");
  if (drive !== null && draft.memory.drive !== null) draft.touch(draft.memory.drive, loseDrive(drive, draft.lastAt ?? entry.at, entry.at));
}

/** The open wait for a worker ends here; `next` is the row that waits for one from now on. */
function driven(draft: Draft, entry: EntryOf<"run">, next: number | null): void {
  const at = draft.memory.undriven;
  const group = draft.get(at, "drive") ?? draft.get(at, "run");
  if (at !== null && group !== null) draft.touch(at, { ...group, waits: endedWaits(group.waits, entry.at) });
  draft.remember({ undriven: next });
}

function dealtWith(draft: Draft, at: string): void {
  const { trouble } = draft.memory;
  const group = draft.get(trouble, "run");
  if (trouble === null || group === null) return;
  draft.touch(trouble, resolveMilestone(group, at));
  draft.remember({ trouble: null });
}
