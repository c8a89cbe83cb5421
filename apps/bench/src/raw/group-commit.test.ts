import { expect, test } from "vitest";
import { groupCommit } from "./group-commit.ts";

test("what arrives while a batch is under way is the next one", async () => {
  const sent: number[][] = [];
  const commit = groupCommit(async (items: number[]) => {
    sent.push(items);
    await Promise.resolve();
  });
  await Promise.all([commit(1), commit(2), commit(3)]);
  expect(sent).toEqual([[1], [2, 3]]);
});

test("a batch that fails fails for its items alone", async () => {
  const commit = groupCommit((items: number[]) => (items.includes(2) ? Promise.reject(new Error("refused")) : Promise.resolve()));
  const settled = await Promise.allSettled([commit(1), commit(2)]);
  expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  await commit(3);
});
