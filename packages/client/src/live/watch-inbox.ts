import type { ServerEvents } from "@tape/core";
import type { InboxNews } from "../state/inbox.ts";
import { ACK_TIMEOUT_MS, answerOf, type Watch, type Wire } from "./watch.ts";

/** Brings the open gates, each change of them, and the outcome of each that closes. */
export function watchInbox(wire: Wire, tell: (news: InboxNews) => void): Watch {
  let watchId: string | null = null;

  const onGates: ServerEvents["gates"] = (message) => {
    if (message.watchId !== watchId) return;
    wire.heard();
    tell({ type: "changed", upserts: message.upserts, removed: message.removed, openCount: message.openCount });
    const told = new Set(message.upserts.map((gate) => gate.id));
    for (const id of message.removed) if (!told.has(id)) void bringOutcome(id, message.openCount);
  };
  wire.socket.on("gates", onGates);

  async function bringOutcome(gateId: string, openCount: number): Promise<void> {
    const gate = await wire.client.gates.get(gateId).catch(() => null);
    if (gate !== null) tell({ type: "changed", upserts: [gate], removed: [], openCount });
  }

  return {
    async ask() {
      watchId = null;
      const answer = answerOf(await wire.socket.timeout(ACK_TIMEOUT_MS).emitWithAck("watchInbox", {}));
      watchId = answer.watchId;
      wire.heard(answer.serverTime);
      tell({ type: "loaded", gates: answer.gates, openCount: answer.openCount });
    },
    async poll() {
      const [page, system] = await Promise.all([wire.client.gates.list({ status: "OPEN", limit: 200 }), wire.client.system()]);
      wire.heard(system.serverTime);
      tell({ type: "loaded", gates: page.items, openCount: system.openGates });
    },
    stop() {
      wire.socket.off("gates", onGates);
      if (watchId !== null && wire.socket.connected) wire.socket.emit("unwatch", { watchId }, () => undefined);
    },
  };
}
