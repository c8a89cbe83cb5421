import type { ServerEvents, Value, ValueChange } from "@tape/core";
import { acceptChange } from "../state/value-view.ts";
import { ACK_TIMEOUT_MS, answerOf, type Watch, type Wire } from "./watch.ts";

export interface ValueAsk {
  /** Exclusive: the last version that is here, 0 for all that are kept. Left out: the present one, and all that follow it. */
  fromVersion?: number;
  /** The present version, as soon as it is known; null when there never was one. What led to it may still follow. */
  onCurrent?: (current: Value | null) => void;
  /** Every version after `fromVersion`, each once and in order. */
  onChange?: (change: ValueChange) => void;
}

const PAGE = 200;

/** Brings every version of a value after the last one that is here, once and in order. */
export function watchValue(wire: Wire, namespace: string, key: string, { fromVersion, onCurrent, onChange }: ValueAsk): Watch {
  let version = fromVersion ?? null;
  let watchId: string | null = null;
  let asking: Promise<void> | null = null;

  const onValue: ServerEvents["value"] = ({ watchId: told, ...change }) => {
    if (told !== watchId) return;
    wire.heard();
    if (accept(change).gap) void ask().catch(() => undefined);
  };
  wire.socket.on("value", onValue);

  function accept(change: ValueChange) {
    const { isNew, gap } = acceptChange(version ?? 0, change);
    if (isNew) {
      version = change.version;
      onChange?.(change);
    }
    return { gap };
  }

  function ask(): Promise<void> {
    return (asking ??= askOnce().finally(() => (asking = null)));
  }

  /** Where to begin when nobody said: at what is there now. */
  async function begin(): Promise<number> {
    if (version !== null) return version;
    const { items } = await wire.client.values.history(namespace, key, { limit: 1 });
    const [latest] = items;
    version ??= latest?.version ?? 0;
    onCurrent?.(latest ?? null);
    return version;
  }

  async function askOnce(): Promise<void> {
    const from = await begin();
    if (!wire.socket.connected) return;
    unwatch();
    const answer = answerOf(await wire.socket.timeout(ACK_TIMEOUT_MS).emitWithAck("watchValue", { namespace, key, fromVersion: from }));
    watchId = answer.watchId;
    wire.heard(answer.serverTime);
    if (answer.current !== null || version === 0) onCurrent?.(answer.current);
  }

  function unwatch(): void {
    if (watchId !== null && wire.socket.connected) wire.socket.emit("unwatch", { watchId }, () => undefined);
    watchId = null;
  }

  return {
    ask,
    async poll() {
      const from = await begin();
      for (const change of await changesAfter(wire, namespace, key, from)) accept(change);
      wire.heard();
    },
    stop() {
      wire.socket.off("value", onValue);
      unwatch();
    },
  };
}

/** The versions after `from` as a watcher gets them, put together from the history, which goes backwards. */
async function changesAfter(wire: Wire, namespace: string, key: string, from: number): Promise<ValueChange[]> {
  const newer: Value[] = [];
  let before: Value | undefined;
  for (let beforeVersion: number | undefined; ; ) {
    const { items, nextCursor } = await wire.client.values.history(namespace, key, { limit: PAGE, ...(beforeVersion !== undefined && { beforeVersion }) });
    newer.push(...items.filter((item) => item.version > from));
    before = items.find((item) => item.version <= from);
    const oldest = items.at(-1);
    if (before !== undefined || oldest === undefined || nextCursor === null) break;
    beforeVersion = oldest.version;
  }
  let known = { version: from, value: before?.version === from && !before.deleted ? before.value : null };
  return newer.reverse().map((item) => {
    const change = { ...item, prevVersion: known.version, prevValue: known.value, skipped: item.version - known.version - 1 };
    known = { version: item.version, value: item.deleted ? null : item.value };
    return change;
  });
}
