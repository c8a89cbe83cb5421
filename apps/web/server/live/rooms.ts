import type { Hint, RunFilter } from "@tape/core";
import type { Logger } from "../log.ts";
import { createInboxRoom } from "./inbox-room.ts";
import { createListRoom, type ListRoom } from "./list-room.ts";
import { createRunRoom, type RunRoom } from "./run-room.ts";
import type { LiveReads } from "./types.ts";
import { createValueRoom, type ValueRoom } from "./value-room.ts";

export interface RoomsOptions {
  reads: LiveReads;
  log: Logger;
}

/** Every room of this process: one per watched run, one per watched value, one per filter, one inbox. Empty ones are forgotten. */
export function createRooms(options: RoomsOptions) {
  const runs = new Map<string, RunRoom>();
  const lists = new Map<string, ListRoom>();
  const values = new Map<string, ValueRoom>();
  const inbox = createInboxRoom(options);

  return {
    inbox,
    run: (runId: string): RunRoom => getOrMake(runs, runId, () => createRunRoom(runId, options)),
    list: (filter: RunFilter): ListRoom => getOrMake(lists, keyOf(filter), () => createListRoom(filter, options)),
    value: (namespace: string, key: string): ValueRoom => getOrMake(values, nameOf(namespace, key), () => createValueRoom(namespace, key, options)),
    hint(hint: Hint): void {
      if (hint.on === "run") {
        runs.get(hint.id)?.changed(hint.seq);
        for (const list of lists.values()) list.changed(hint.id);
        if (hint.gates) inbox.changed(hint.id);
      }
      if (hint.on !== "value") return;
      values.get(nameOf(hint.namespace, hint.key))?.changed(hint.version);
      // Progress is a value of the run, and part of its row.
      const [, runId] = (hint.key === "progress" && /^runs\/([^/]+)$/.exec(hint.namespace)) || [];
      if (runId === undefined) return;
      runs.get(runId)?.changed();
      for (const list of lists.values()) list.changed(runId);
    },
    /**
     * Reads everything that is watched again, a room at a time: correct without any hint, only slower.
     * @returns Whether every room could.
     */
    async refresh({ withInbox }: { withInbox: boolean }): Promise<boolean> {
      forgetEmpty(runs);
      forgetEmpty(lists);
      forgetEmpty(values);
      let isWhole = true;
      const all = [...(withInbox && inbox.members.size > 0 ? [inbox] : []), ...lists.values(), ...runs.values(), ...values.values()];
      for (const room of all) {
        await room.refresh().catch((error: unknown) => {
          isWhole = false;
          options.log.debug({ err: error }, "a room could not be read again");
        });
      }
      return isWhole;
    },
  };
}

export type Rooms = ReturnType<typeof createRooms>;

function keyOf({ status, agent, label, q, since }: RunFilter): string {
  return JSON.stringify([status && [...status].sort(), agent, label, q, since]);
}

function nameOf(namespace: string, key: string): string {
  return JSON.stringify([namespace, key]);
}

function getOrMake<Key, Room>(rooms: Map<Key, Room>, key: Key, make: () => Room): Room {
  const room = rooms.get(key) ?? make();
  rooms.set(key, room);
  return room;
}

function forgetEmpty<Key>(rooms: Map<Key, { members: ReadonlySet<unknown> }>): void {
  for (const [key, room] of rooms) if (room.members.size === 0) rooms.delete(key);
}
