import { unwatchRequest, watchInboxRequest, watchRunRequest, watchRunsRequest, watchValueRequest } from "@tape/core";
import type { Logger } from "../log.ts";
import type { DirtyMember } from "./dirty-room.ts";
import type { FeedMember } from "./feed-room.ts";
import { createOutlet } from "./outlet.ts";
import type { Rooms } from "./rooms.ts";
import type { RunMember } from "./run-room.ts";
import type { LiveReads, LiveSocket } from "./types.ts";
import { answering, createWatches } from "./watches.ts";

export interface HandlerOptions {
  reads: LiveReads;
  rooms: Rooms;
  log: Logger;
}

/** What one connected client may ask for. Each watch is acknowledged first, then told. */
export function handleSocket(socket: LiveSocket, { reads, rooms, log }: HandlerOptions): void {
  const outlet = createOutlet(socket);
  const watches = createWatches();
  const held = (): DirtyMember => ({ watchId: watches.newId(), outlet, isHeld: true, owed: new Set() });

  /** Joins first and reads then, so that nothing falls between; told from the acknowledgement on. */
  function join(room: { add(member: DirtyMember): void; remove(member: DirtyMember): void }): DirtyMember {
    const member = held();
    room.add(member);
    watches.add(member.watchId, () => room.remove(member));
    return member;
  }

  /** Gives a watch's place back when there is nothing to watch. */
  function orEnd<Found>(watchId: string, reading: Promise<Found>): Promise<Found> {
    return reading.catch((error: unknown) => {
      watches.end(watchId);
      throw error;
    });
  }

  socket.on(
    "watchRun",
    answering(watchRunRequest, log, async ({ runId, fromSeq }, acknowledge) => {
      const watchId = watches.newId();
      const [run, serverTime] = await orEnd(watchId, Promise.all([reads.run(runId), reads.serverTime()]));
      if (outlet.isClosed) return;
      acknowledge({ watchId, run, seq: run.seq, serverTime });
      const room = rooms.run(run.id);
      const member: RunMember = { watchId, outlet, at: fromSeq, isLive: false, told: run };
      watches.add(watchId, () => room.remove(member));
      room.add(member);
    }),
  );

  socket.on(
    "watchRuns",
    answering(watchRunsRequest, log, async ({ filter }, acknowledge) => {
      const room = rooms.list(filter);
      const isFirst = room.members.size === 0;
      const member = join(room);
      try {
        const [serverTime] = await Promise.all([reads.serverTime(), isFirst ? room.begin() : undefined]);
        acknowledge({ watchId: member.watchId, serverTime });
        room.release(member);
      } catch (error) {
        watches.end(member.watchId);
        throw error;
      }
    }),
  );

  socket.on(
    "watchInbox",
    answering(watchInboxRequest, log, async (_, acknowledge) => {
      const member = join(rooms.inbox);
      try {
        const [current, serverTime] = await Promise.all([rooms.inbox.current(), reads.serverTime()]);
        acknowledge({ watchId: member.watchId, ...current, serverTime });
        rooms.inbox.release(member);
      } catch (error) {
        watches.end(member.watchId);
        throw error;
      }
    }),
  );

  socket.on(
    "watchValue",
    answering(watchValueRequest, log, async ({ namespace, key, fromVersion }, acknowledge) => {
      const watchId = watches.newId();
      const [present, serverTime] = await orEnd(watchId, Promise.all([reads.value(namespace, key), reads.serverTime()]));
      if (outlet.isClosed) return;
      acknowledge({ watchId, current: present !== null && present.version > fromVersion ? present : null, serverTime });
      const room = rooms.value(namespace, key);
      const member: FeedMember = { watchId, outlet, at: fromVersion, isLive: false };
      watches.add(watchId, () => room.remove(member));
      room.add(member);
    }),
  );

  socket.on(
    "unwatch",
    answering(unwatchRequest, log, ({ watchId }, acknowledge) => {
      watches.end(watchId);
      acknowledge({ watchId });
    }),
  );

  socket.on("disconnect", () => watches.endAll());
}
