import { TapeError } from "@tape/core";
import { expect, test } from "vitest";
import { patiently } from "./patiently.ts";

const never = new AbortController().signal;
const away = () => new TapeError("unavailable", "The database cannot be reached.");

/** Fails so many times with this. */
function failing(times: number, error: () => Error) {
  const calls = { count: 0 };
  const work = async (): Promise<string> => {
    if (++calls.count <= times) throw error();
    return "there";
  };
  return { calls, work };
}

test("a database that is away is asked again", async () => {
  const { calls, work } = failing(2, away);
  expect(await patiently({ forMs: 10_000, signal: never }, work)).toBe("there");
  expect(calls.count).toBe(3);
});

test("what the database refuses is not", async () => {
  const { calls, work } = failing(1, () => new TapeError("illegal_transition", "no"));
  await expect(patiently({ forMs: 10_000, signal: never }, work)).rejects.toThrow("no");
  expect(calls.count).toBe(1);
});

test("only for so long, and only while somebody waits for the answer", async () => {
  const { calls, work } = failing(Infinity, away);
  await expect(patiently({ forMs: 100, signal: never }, work)).rejects.toThrow("cannot be reached");
  expect(calls.count).toBe(2);
  await expect(patiently({ forMs: 10_000, signal: AbortSignal.abort() }, work)).rejects.toThrow("cannot be reached");
  expect(calls.count).toBe(3);
  const nobody = new AbortController();
  const asking = patiently({ forMs: 3_600_000, signal: nobody.signal }, work);
  nobody.abort();
  await expect(asking).rejects.toThrow();
});
