import { type Entry, type ServerEvents } from "@tape/core";
import { acceptEntries, type RunNews } from "../state/run-view.ts";
import { ACK_TIMEOUT_MS, answerOf, type Watch, type Wire } from "./watch.ts";

/** A run that says it has grown is given this long for its entries to follow (ms); then they are asked for. */
const TAIL_MS = 1000;
const PAGE = 500;

/** Brings every entry after `fromSeq` once and in order, and each change of the run's row. */
export function watchRun(wire: Wire, runId: string, fromSeq: number, tell: (news: RunNews) => void): Watch {
  let seq = fromSeq;
  let watchId: string | null = null;
  let asking: Promise<void> | null = null;
  let tail: ReturnType<typeof setTimeout> | undefined;

  const onEntries: ServerEvents["entries"] = (message) => {
    if (message.runId !== runId || (watchId !== null && message.watchId !== watchId)) return;
    wire.heard();
    if (accept(message.entries).gap) void ask();
  };
  const onRun: ServerEvents["run"] = (message) => {
    if (message.run.id !== runId || (watchId !== null && message.watchId !== watchId)) return;
    wire.heard();
    tell({ type: "run", run: message.run });
    clearTimeout(tail);
    if (message.run.seq > seq) tail = setTimeout(() => message.run.seq > seq && void ask(), TAIL_MS);
  };
  wire.socket.on("entries", onEntries);
  wire.socket.on("run", onRun);

  function accept(entries: readonly Entry[]) {
    const { fresh, gap } = acceptEntries(seq, entries);
    const last = fresh.at(-1);
    if (last !== undefined) {
      seq = last.seq;
      tell({ type: "entries", entries: fresh });
    }
    return { gap };
  }

  function ask(): Promise<void> {
    return (asking ??= askOnce().finally(() => (asking = null)));
  }

  async function askOnce(): Promise<void> {
    if (!wire.socket.connected) return;
    unwatch();
    const answer = answerOf(await wire.socket.timeout(ACK_TIMEOUT_MS).emitWithAck("watchRun", { runId, fromSeq: seq }));
    watchId = answer.watchId;
    wire.heard(answer.serverTime);
    tell({ type: "run", run: answer.run });
  }

  function unwatch(): void {
    if (watchId !== null && wire.socket.connected) wire.socket.emit("unwatch", { watchId }, () => undefined);
    watchId = null;
  }

  return {
    ask,
    async poll() {
      const run = await wire.client.runs.get(runId);
      tell({ type: "run", run });
      while (seq < run.seq) {
        const before = seq;
        accept((await wire.client.runs.journal(runId, { fromSeq: seq, limit: PAGE })).items);
        if (seq === before) break;
      }
      wire.heard();
    },
    stop() {
      clearTimeout(tail);
      wire.socket.off("entries", onEntries);
      wire.socket.off("run", onRun);
      unwatch();
    },
  };
}
