import type { Run } from "@tape/core";
import type { Outlet } from "./outlet.ts";

/** One watch of one socket. `seq` is the last entry it was sent. */
export interface RunMember {
  readonly watchId: string;
  readonly outlet: Outlet;
  seq: number;
  /** In step with the room; else it reads its own pages until it is. */
  isLive: boolean;
  /** The run's row as it was sent last. */
  told: Run | null;
}

export interface RunRoom {
  readonly members: ReadonlySet<RunMember>;
  /** From now on the member gets every entry after its `seq` once and in order, and the run's row as it changes. */
  add(member: RunMember): void;
  remove(member: RunMember): void;
  /** The journal grew to `seq`, or (none given) something else of the run may have changed. */
  changed(seq?: number): void;
  /** Reads everything again. Rejects when the database does not answer. */
  refresh(): Promise<void>;
}
