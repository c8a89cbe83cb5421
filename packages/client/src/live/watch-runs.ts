import type { RunFilter, ServerEvents } from "@tape/core";
import type { RunListNews } from "../state/run-list.ts";
import { ACK_TIMEOUT_MS, answerOf, type Watch, type Wire } from "./watch.ts";

export interface RunsAsk {
  filter: RunFilter;
  cursor?: string;
  limit: number;
}

/** Brings what changes on one page of runs. Each connect asks for the page again, so nothing is missed between. */
export function watchRuns(wire: Wire, { filter, cursor, limit }: RunsAsk, tell: (news: RunListNews) => void): Watch {
  let watchId: string | null = null;

  const onRuns: ServerEvents["runs"] = (message) => {
    if (message.watchId !== watchId) return;
    wire.heard();
    tell({ type: "changed", upserts: message.upserts, removed: message.removed });
  };
  wire.socket.on("runs", onRuns);

  async function poll(): Promise<void> {
    const page = await wire.client.runs.list({ ...filter, cursor, limit });
    wire.heard();
    tell({ type: "asked_again", rows: page.items });
  }

  return {
    async ask() {
      watchId = null;
      const answer = answerOf(await wire.socket.timeout(ACK_TIMEOUT_MS).emitWithAck("watchRuns", { filter }));
      watchId = answer.watchId;
      wire.heard(answer.serverTime);
      await poll();
    },
    poll,
    stop() {
      wire.socket.off("runs", onRuns);
      if (watchId !== null && wire.socket.connected) wire.socket.emit("unwatch", { watchId }, () => undefined);
    },
  };
}
