import type { Value, ValueChange } from "@tape/core";
import { describe, expect, it } from "vitest";
import { watchValue, type ValueAsk } from "./watch-value.ts";
import type { Wire } from "./watch.ts";

const versionOf = (version: number): Value => ({ namespace: "n", key: "k", value: version === 3 ? null : version, version, writer: "w", at: "", deleted: version === 3 });
const change = (version: number, skipped = 0): ValueChange => ({ ...versionOf(version), prevVersion: version - skipped - 1, prevValue: null, skipped });

/** A socket and an API without a network: `kept` is the history. */
function fake(kept: { from: number; to: number }) {
  let push: ((message: { watchId: string } & ValueChange) => void) | undefined;
  const asked: number[] = [];
  const unwatched: string[] = [];
  const socket = {
    connected: true,
    on: (_: string, listener: typeof push) => void (push = listener),
    off: () => void (push = undefined),
    emit: (_: string, { watchId }: { watchId: string }) => void unwatched.push(watchId),
    timeout: () => ({
      emitWithAck: async (_: string, { fromVersion }: { fromVersion: number }) => {
        asked.push(fromVersion);
        return { watchId: `w${asked.length}`, current: kept.to > fromVersion ? versionOf(kept.to) : null, serverTime: "2026-11-24T09:00:00.000Z" };
      },
    }),
  };
  const history = async (_: string, __: string, { beforeVersion = kept.to + 1, limit = 2 }) => {
    const size = Math.min(limit, 2);
    const items = [];
    for (let version = Math.min(beforeVersion - 1, kept.to); version >= kept.from && items.length < size; version--) items.push(versionOf(version));
    return { items, nextCursor: items.length === size && items.at(-1)!.version > kept.from ? String(items.at(-1)!.version) : null };
  };
  const wire = { client: { values: { history } }, socket, heard: () => undefined } as unknown as Wire;
  return { wire, asked, unwatched, isListening: () => push !== undefined, push: (...changes: ValueChange[]) => changes.forEach((one) => push?.({ watchId: `w${asked.length}`, ...one })) };
}

function collect(ask: Pick<ValueAsk, "fromVersion"> = {}) {
  const seen: [number, number, number][] = [];
  const currents: (number | null)[] = [];
  return {
    seen,
    currents,
    ask: { ...ask, onCurrent: (current) => void currents.push(current?.version ?? null), onChange: ({ version, prevVersion, skipped }) => void seen.push([version, prevVersion, skipped]) } as ValueAsk,
  };
}

describe("watchValue", () => {
  it("begins with what is there, and goes on from there", async () => {
    const { wire, asked, push } = fake({ from: 1, to: 5 });
    const { seen, currents, ask } = collect();
    await watchValue(wire, "n", "k", ask).ask();
    push(change(6), change(7));
    expect([asked, currents, seen.map(([version]) => version)]).toEqual([[5], [5], [6, 7]]);
  });

  it("asks again from the last version it has at each connect, and tells none twice", async () => {
    const { wire, asked, unwatched, push } = fake({ from: 1, to: 2 });
    const { seen, ask } = collect({ fromVersion: 0 });
    const watch = watchValue(wire, "n", "k", ask);
    await watch.ask();
    push(change(1), change(2));
    await watch.ask();
    push(change(2), change(4, 1));
    expect([asked, seen, unwatched]).toEqual([[0, 2], [[1, 0, 0], [2, 1, 0], [4, 2, 1]], ["w1"]]);
  });

  it("sees a hole that nobody speaks of and asks for it", async () => {
    const { wire, asked, push } = fake({ from: 1, to: 1 });
    const { seen, ask } = collect({ fromVersion: 1 });
    await watchValue(wire, "n", "k", ask).ask();
    push(change(4));
    await new Promise(setImmediate);
    expect([asked, seen]).toEqual([[1, 1], []]);
  });

  it("V3 converges by polling, page by page, and says what history had forgotten", async () => {
    const whole = collect({ fromVersion: 1 });
    await watchValue(fake({ from: 1, to: 6 }).wire, "n", "k", whole.ask).poll();
    expect(whole.seen).toEqual([[2, 1, 0], [3, 2, 0], [4, 3, 0], [5, 4, 0], [6, 5, 0]]);
    const past = collect({ fromVersion: 1 });
    await watchValue(fake({ from: 5, to: 6 }).wire, "n", "k", past.ask).poll();
    expect(past.seen).toEqual([[5, 1, 3], [6, 5, 0]]);
  });

  it("hears nothing more once it is stopped", async () => {
    const { wire, unwatched, isListening } = fake({ from: 1, to: 1 });
    const watch = watchValue(wire, "n", "k", collect().ask);
    await watch.ask();
    watch.stop();
    watch.stop();
    expect([isListening(), unwatched]).toEqual([false, ["w1"]]);
  });
});
