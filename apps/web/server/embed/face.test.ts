import { expect, test } from "vitest";
import { faceOf } from "./face.ts";

const run = { status: "RUNNING", whyWaiting: [], progress: null, lease: null } as const;
const at = (done: number, total: number) => faceOf({ ...run, progress: { done, total } });

test("a hundred per cent is said only when all is done, and never more or less than there is", () => {
  expect([at(0, 3).percent, at(1, 3).percent, at(1999, 2000).percent, at(2000, 2000).percent]).toEqual([0, 33, 99, 100]);
  expect([at(5, 3).percent, at(-1, 3).percent, at(0, 0).percent]).toEqual([100, 0, null]);
  expect([at(1200, 14_000).figures, at(0.1 + 0.2, 1).figures]).toEqual(["1,200 of 14,000", "0.3 of 1"]);
});

test("what is no progress is as good as none, and a label is one line of text", () => {
  expect(faceOf({ ...run, progress: "half" as never })).toMatchObject({ percent: null, figures: null, label: null });
  expect(faceOf({ ...run, progress: { done: 1, total: 2, label: "Paying\n<b>Acme</b>\u202e " } })).toMatchObject({ label: "Paying <b>Acme</b>" });
});

test("it is over when the run has ended and nobody drives it any more", () => {
  const lease = { owner: "w", epoch: 1, expiresAt: "2026-11-24T09:00:00.000Z" };
  expect(faceOf({ ...run, status: "CANCELLED", lease })).toMatchObject({ isOver: false, word: "cancelled", isStruck: true });
  expect(faceOf({ ...run, status: "CANCELLED" }).isOver).toBe(true);
  expect(faceOf({ ...run, status: "COMPENSATING" }).isOver).toBe(false);
});
