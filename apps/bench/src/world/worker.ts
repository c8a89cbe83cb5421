import type { Mark } from "../agents/marks.ts";

/** A worker of the bench, in this process or in one of its own. */
export interface BenchWorker {
  /** Processor time that its process has used (ms). */
  cpuMs(): Promise<number>;
  /** What the heap and the buffers of its process hold after a full collection (MB). Ask outside of what is timed. */
  memoryMb(): Promise<number>;
  /** What its agents marked since the last time. */
  marks(): Promise<Mark[]>;
  /** In order; may be repeated. */
  stop(): Promise<void>;
}
