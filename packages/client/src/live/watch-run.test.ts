import type { Entry, Run } from "@tape/core";
import { journalOf, worldOf } from "@tape/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunNews } from "../state/run-view.ts";
import { watchRun } from "./watch-run.ts";
import type { Wire } from "./watch.ts";

const entries = journalOf.payBatch();
const { run } = worldOf(entries);

/** A socket without a network: what was asked, and a way to push. */
function fakeWire(journal: () => readonly Entry[]) {
  const listeners = new Map<string, (message: unknown) => void>();
  const asked: number[] = [];
  const socket = {
    connected: true,
    on: (event: string, listener: (message: unknown) => void) => void listeners.set(event, listener),
    off: (event: string) => void listeners.delete(event),
    emit: () => undefined,
    timeout: () => ({
      emitWithAck: async (_event: string, { fromSeq }: { fromSeq: number }) => {
        asked.push(fromSeq);
        return { watchId: `w${asked.length}`, run: { ...run, seq: journal().length }, seq: journal().length, serverTime: "2026-11-24T09:00:00.000Z" };
      },
    }),
  };
  const client = {
    runs: {
      get: async () => ({ ...run, seq: journal().length }),
      journal: async (_id: string, { fromSeq = 0, limit = 5 }) => ({ items: journal().slice(fromSeq, fromSeq + Math.min(limit, 5)), nextCursor: null }),
    },
  };
  const wire = { client, socket, heard: () => undefined } as unknown as Wire;
  return {
    wire,
    asked,
    listeners,
    push: (pushed: readonly Entry[]) => listeners.get("entries")?.({ watchId: `w${asked.length}`, runId: run.id, entries: pushed }),
    pushRun: (pushed: Run) => listeners.get("run")?.({ watchId: `w${asked.length}`, run: pushed }),
  };
}

function collect() {
  const seqs: number[] = [];
  return { seqs, tell: (news: RunNews) => void (news.type === "entries" && seqs.push(...news.entries.map((entry) => entry.seq))) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("watchRun", () => {
  it("L1 asks again from the last entry it has, and tells none twice", async () => {
    const { wire, asked, push } = fakeWire(() => entries);
    const { seqs, tell } = collect();
    const watch = watchRun(wire, run.id, 3, tell);
    await watch.ask();
    push(entries.slice(3, 8));
    // The connection was away; the server sends from what it was asked for, and a page more than once.
    await watch.ask();
    push(entries.slice(8, 10));
    push(entries.slice(8, 12));
    expect(asked).toEqual([3, 8]);
    expect(seqs).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it("sees a hole and asks for what is missing", async () => {
    const { wire, asked, push } = fakeWire(() => entries);
    const { seqs, tell } = collect();
    const watch = watchRun(wire, run.id, 0, tell);
    await watch.ask();
    push(entries.slice(0, 2));
    push(entries.slice(4, 6));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual([0, 2]);
    push(entries.slice(2, 6));
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("asks when a run has grown and its entries do not follow", async () => {
    const { wire, asked, push, pushRun } = fakeWire(() => entries);
    const watch = watchRun(wire, run.id, 0, () => undefined);
    await watch.ask();
    push(entries.slice(0, 5));
    pushRun({ ...run, seq: 7 });
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toEqual([0, 5]);
  });

  it("L2 converges by polling, page by page", async () => {
    const { wire } = fakeWire(() => entries);
    const { seqs, tell } = collect();
    await watchRun(wire, run.id, 2, tell).poll();
    expect(seqs).toEqual(entries.slice(2).map((entry) => entry.seq));
  });

  it("hears nothing more once it is stopped", async () => {
    const { wire, listeners } = fakeWire(() => entries);
    const watch = watchRun(wire, run.id, 0, () => undefined);
    await watch.ask();
    watch.stop();
    watch.stop();
    expect(listeners.size).toBe(0);
  });
});
