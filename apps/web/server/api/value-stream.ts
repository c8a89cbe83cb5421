import type { ValueChange } from "@tape/core";
import type { StreamRequest, Streams } from "../http/streams.ts";
import type { FeedMember } from "../live/feed-room.ts";
import { createStreamOutlet } from "../live/outlet.ts";
import type { ValueRoom } from "../live/value-room.ts";

/** The versions after one, as events: the same room as the sockets', so a change is read once for all of them. */
export function followValue(streams: Streams, room: ValueRoom, { fromVersion, ...reader }: Pick<StreamRequest, "holder" | "holds"> & { fromVersion: number }): Response {
  return streams.open({
    ...reader,
    begin: (stream) => {
      const outlet = createStreamOutlet(stream, (_, message) => {
        const { watchId: __, ...change } = message as { watchId: string } & ValueChange;
        stream.send("value", JSON.stringify(change), change.version);
      });
      const member: FeedMember = { watchId: "stream", outlet, at: fromVersion, isLive: false };
      room.add(member);
      return () => room.remove(member);
    },
  });
}
