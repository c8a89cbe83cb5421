import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/**
 * What can go wrong on purpose. slow: waits before it books. late-answer: books, then
 * waits before it says so. error: 500, nothing booked. lost-ack: books, then drops the
 * connection. crash-after-commit: books, then the process dies.
 */
export const FAULT_MODES = ["none", "slow", "late-answer", "error", "lost-ack", "crash-after-commit"] as const;
export type FaultMode = (typeof FAULT_MODES)[number];

/** What a fault strikes; both when it does not say. */
export const FAULT_TARGETS = ["wires", "reversals"] as const;
export type FaultTarget = (typeof FAULT_TARGETS)[number];

export const faultRequest = z.strictObject({
  mode: z.enum(FAULT_MODES),
  /** How many it strikes. Default: every one until it is switched off; a crash strikes once. */
  times: z.int().min(1).max(1_000_000).optional(),
  /** Only wires, or only reversals. Default: both. */
  on: z.enum(FAULT_TARGETS).optional(),
  /** Only wires whose creditor's name contains this, in any case. */
  match: z.string().min(1).max(70).optional(),
  /** `slow` and `late-answer`. Default 3000. */
  delayMs: z.int().min(1).max(600_000).optional(),
});
export type FaultRequest = z.infer<typeof faultRequest>;

/** The fault that is switched on. `left`: how many it will still strike, `null` without end. */
export const fault = z.object({
  mode: z.enum(FAULT_MODES),
  left: z.int().nonnegative().nullable(),
  on: z.enum(FAULT_TARGETS).nullable(),
  match: z.string().nullable(),
  delayMs: z.int(),
});
export type Fault = z.infer<typeof fault>;

const NONE: Fault = { mode: "none", left: null, on: null, match: null, delayMs: 3000 };

/** The one switch. It is kept in a file and counted down before it strikes, so that a crash does not strike for ever. */
export interface FaultSwitch {
  current(): Fault;
  set(request: FaultRequest): Promise<Fault>;
  /** The fault that strikes a wire to this creditor, or its reversal, counted. */
  strike(target: FaultTarget, creditor: string): Promise<Fault>;
}

export async function openFaults(file: string): Promise<FaultSwitch> {
  let current = await readFault(file);
  let written: Promise<void> = Promise.resolve();
  const keep = (next: Fault): Promise<void> => {
    current = next;
    written = written.catch(() => {}).then(() => writeFault(file, next));
    return written;
  };
  return {
    current: () => current,
    async set({ mode, times, on, match, delayMs }) {
      const left = times ?? (mode === "crash-after-commit" ? 1 : null);
      await keep(mode === "none" ? NONE : { mode, left, on: on ?? null, match: match ?? null, delayMs: delayMs ?? NONE.delayMs });
      return current;
    },
    async strike(target, creditor) {
      const struck = current;
      const isMeant = (struck.on === null || struck.on === target) && (struck.match === null || creditor.toLowerCase().includes(struck.match.toLowerCase()));
      if (struck.mode === "none" || !isMeant) return NONE;
      if (struck.left !== null) await keep(struck.left > 1 ? { ...struck, left: struck.left - 1 } : NONE);
      return struck;
    },
  };
}

async function readFault(file: string): Promise<Fault> {
  try {
    return fault.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return NONE;
  }
}

async function writeFault(file: string, next: Fault): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.draft`, `${JSON.stringify(next)}\n`);
  await rename(`${file}.draft`, file);
}
