import { TapeError, type Run } from "@tape/core";
import { getRun, serverTime, toTapeError, type Store } from "@tape/store";
import { Hono, type Context } from "hono";
import { createStreamOutlet } from "../live/outlet.ts";
import type { Rooms } from "../live/rooms.ts";
import type { RunMember } from "../live/run-room.ts";
import type { Stream, Streams } from "../http/streams.ts";
import { faceOf, type Face } from "./face.ts";
import type { Links } from "./links.ts";
import { progressPage, refusedPage, type PageOptions } from "./page.ts";

export interface EmbedOptions {
  store: Store;
  links: Links;
  rooms: Rooms;
  streams: Streams;
  /** Whose pages may show a link's page in a frame, beside our own. */
  frameAncestors: readonly string[];
}

/**
 * `/embed/progress/<runId>?token=`: how far one run is, for whoever has the link, whoever that is. A page, the same as JSON
 * under `/state`, and as it changes under `/events`.
 */
export function embedRoutes({ store, links, rooms, streams, frameAncestors }: EmbedOptions): Hono {
  /** The signature first: a token that never was one costs no look into the database. */
  async function isGood(runId: string, token: string): Promise<boolean> {
    const expiresAtMs = links.expiryOf(runId, token);
    return expiresAtMs !== null && Date.parse(await serverTime(store)) < expiresAtMs;
  }

  async function open(c: Context) {
    const { runId = "" } = c.req.param();
    const token = c.req.query("token") ?? "";
    if (!(await isGood(runId, token))) throw new TapeError("forbidden", "This link has expired, or it is not complete. Ask whoever sent it for another one.");
    return { run: await getRun(store, { id: runId }), holds: () => isGood(runId, token) };
  }

  return new Hono()
    .get("/embed/progress/:runId", async (c) => {
      const theme = c.req.query("theme");
      const options: PageOptions = { frameAncestors, theme: theme === "light" || theme === "dark" ? theme : null };
      try {
        const { run } = await open(c);
        return progressPage(faceOf(run), options);
      } catch (error) {
        const known = toTapeError(error);
        if (TapeError.is(known, "forbidden")) return refusedPage(403, options);
        if (TapeError.is(known, "not_found")) return refusedPage(404, options);
        if (TapeError.is(known, "unavailable")) return refusedPage(503, options);
        throw error;
      }
    })
    .get("/embed/progress/:runId/state", async (c) => {
      const { run } = await open(c);
      return c.json(faceOf(run));
    })
    .get("/embed/progress/:runId/events", async (c) => {
      const { run, holds } = await open(c);
      if (c.req.raw.method === "HEAD") return c.body(null, 200);
      return streams.open({
        holder: `${run.id} by ${c.req.query("token")}`,
        holds,
        begin: (stream) => {
          const tell = facesTo(stream);
          tell(faceOf(run));
          const room = rooms.run(run.id);
          const outlet = createStreamOutlet(stream, (event, message) => event === "run" && tell(faceOf((message as { run: Run }).run)));
          const member: RunMember = { watchId: "embed", outlet, at: 0, isLive: false, told: run, isRowOnly: true };
          room.add(member);
          return () => room.remove(member);
        },
      });
    });
}

/** Sends each face that is different from the last. */
function facesTo(stream: Stream): (face: Face) => void {
  let last = "";
  return (face) => {
    const data = JSON.stringify(face);
    if (data === last) return;
    last = data;
    stream.send("progress", data);
  };
}
