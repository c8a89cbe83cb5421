import type { Gate } from "@tape/core";
import type { Logger } from "../log.ts";
import { createDirtyRoom, type DirtyMember } from "./dirty-room.ts";
import type { LiveReads } from "./types.ts";

interface News {
  upserts: Gate[];
  removed: string[];
  openCount: number;
}

/** Open gates that an acknowledgement carries, the oldest first. */
const MOST = 200;
const REMEMBERED = 2_000;

/** Those who watch the open gates. Keyed by run: a hint names the run whose gates changed. */
export function createInboxRoom({ reads, log }: { reads: LiveReads; log: Logger }) {
  /** Gates that were told, the latest at the end, with what can change of them. */
  const known = new Map<string, { runId: string; isOpen: boolean; version: string }>();
  const room = createDirtyRoom<News>({
    log,
    read: async (runIds) => newsOf(await reads.gatesOf(runIds)),
    emit: ({ watchId, outlet }, news) => outlet.emit("gates", { watchId, ...news }),
  });

  /** Open gates, and closed ones that somebody may still show as open: those come with their outcome. */
  async function newsOf(gates: Gate[]): Promise<News> {
    const upserts = gates.filter((gate) => gate.status === "OPEN" || known.has(gate.id));
    for (const gate of upserts) remember(gate);
    const removed = upserts.filter((gate) => gate.status !== "OPEN").map((gate) => gate.id);
    return { upserts, removed, openCount: await reads.countOpenGates() };
  }

  function remember(gate: Gate): void {
    known.delete(gate.id);
    known.set(gate.id, { runId: gate.runId, isOpen: gate.status === "OPEN", version: versionOf(gate) });
    const [oldest] = known.keys();
    if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
  }

  return {
    members: room.members,
    add: room.add,
    release: room.release,
    changed: (runId: string) => room.changed(runId),
    remove(member: DirtyMember): void {
      room.remove(member);
      if (room.members.size === 0) known.clear();
    },
    async current(): Promise<{ gates: Gate[]; openCount: number }> {
      const [gates, openCount] = await Promise.all([reads.openGates(MOST), reads.countOpenGates()]);
      for (const gate of gates) if (!known.has(gate.id)) remember(gate);
      return { gates, openCount };
    },
    /** Reads the open gates and those that were open again, and tells those that are different now. */
    async refresh(): Promise<void> {
      const open = await reads.openGates(MOST);
      const seen = new Set(open.map((gate) => gate.id));
      const others = new Set([...known].flatMap(([id, { runId, isOpen }]) => (isOpen && !seen.has(id) ? [runId] : [])));
      const gates = others.size === 0 ? open : [...open, ...(await reads.gatesOf([...others])).filter((gate) => !seen.has(gate.id))];
      const changed = gates.filter((gate) => versionOf(gate) !== (known.get(gate.id)?.version ?? (gate.status === "OPEN" ? "" : versionOf(gate))));
      if (changed.length > 0) room.say([...new Set(changed.map((gate) => gate.runId))], await newsOf(changed));
    },
  };
}

/** A gate's payload and words never change under its id. */
function versionOf({ status, deadlineAt, decisions, comment }: Gate): string {
  return JSON.stringify([status, deadlineAt, decisions, comment]);
}

export type InboxRoom = ReturnType<typeof createInboxRoom>;
