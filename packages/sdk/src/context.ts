import { TapeError } from "@tape/core";
import { AsyncLocalStorage } from "node:async_hooks";
import type { Run } from "./run.ts";

interface Place {
  run: Run | null;
  /** The tool or model body that is running: steps may not be opened inside (D7). */
  body: string | null;
}

const places = new AsyncLocalStorage<Place>();

/** The run that the calling code is part of, or null outside of one. */
export function currentRun(): Run | null {
  return places.getStore()?.run ?? null;
}

/** Is the caller agent code of a run, where every operation is a step? */
export function isInAgentCode(): boolean {
  const place = places.getStore();
  return place !== undefined && place.run !== null && place.body === null;
}

/** The name of the tool or model body that the calling code is part of, or null outside of one. */
export function currentBody(): string | null {
  return places.getStore()?.body ?? null;
}

export function withRun<T>(run: Run, code: () => T): T {
  return places.run({ run, body: null }, code);
}

export function withBody<T>(body: string, code: () => T): T {
  return places.run({ run: places.getStore()?.run ?? null, body }, code);
}

/** The caller's place, to run something there later. */
export function placeOfCaller(): <T>(work: () => T) => T {
  return AsyncLocalStorage.snapshot();
}

/** @throws {TapeError} `nested_step` inside a tool or model body, naming the call and the body. */
export function refuseInBody(call: string): void {
  const body = currentBody();
  if (body) {
    throw new TapeError("nested_step", `${call} was called inside the body of ${body}; steps belong in agent code, or in a plain function that takes the run`, {
      call,
      body,
    });
  }
}
