import type { ClientEvents, Entry, Gate, Run, RunFilter, RunSummary, ServerEvents, Value, ValueChange } from "@tape/core";
import type { Server, Socket } from "socket.io";
import type { Identity } from "../auth/identity.ts";

export interface SocketData {
  identity: Identity;
}

type NoEvents = Record<string, never>;
export type LiveServer = Server<ClientEvents, ServerEvents, NoEvents, SocketData>;
export type LiveSocket = Socket<ClientEvents, ServerEvents, NoEvents, SocketData>;

/** What the live side reads again when it is told that something changed. */
export interface LiveReads {
  /** @throws {TapeError} `not_found` */
  run(runId: string): Promise<Run>;
  /** At most `limit` entries after `fromSeq`, in order. */
  entries(runId: string, fromSeq: number, limit: number): Promise<Entry[]>;
  /** Those of these runs that match the filter. */
  summaries(ids: string[], filter: RunFilter): Promise<RunSummary[]>;
  newestRuns(filter: RunFilter, limit: number): Promise<RunSummary[]>;
  /** All gates of these runs, whatever their status. */
  gatesOf(runIds: string[]): Promise<Gate[]>;
  /** The oldest open ones. */
  openGates(limit: number): Promise<Gate[]>;
  countOpenGates(): Promise<number>;
  /**
   * The present version, a deletion's included; null when there never was one.
   * @throws {TapeError} `invalid_input` for names that no value can have.
   */
  value(namespace: string, key: string): Promise<Value | null>;
  /** At most `limit` versions after `after`, in order, each with the one before. */
  versions(namespace: string, key: string, after: number, limit: number): Promise<ValueChange[]>;
  serverTime(): Promise<string>;
}
