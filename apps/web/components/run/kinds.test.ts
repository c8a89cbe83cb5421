import { emptyTimeline, extendTimeline, ITEM_KINDS } from "@tape/core";
import { journalOf } from "@tape/core/testing";
import { expect, it } from "vitest";
import { GROUPS, isShown, readGroups } from "./kinds.ts";

it("gives every kind of row exactly one filter", () => {
  const kinds = GROUPS.flatMap((group) => group.kinds as readonly string[]);
  expect([...kinds].sort()).toEqual([...ITEM_KINDS].sort());
});

it("hides bookkeeping until it is asked for", () => {
  const { items } = extendTimeline(emptyTimeline(), journalOf.payBatch());
  const count = (groups: string, bookkeeping = false) => items.filter((item) => isShown(item, { groups: readGroups(groups), bookkeeping })).length;
  expect(count("", true)).toBe(items.length);
  expect(count("")).toBe(items.filter((item) => !item.secondary).length);
  expect(count("values")).toBe(items.filter((item) => item.kind === "value" || item.kind === "sample").length);
  expect(count("effects,gates")).toBe(items.filter((item) => item.kind === "effect" || item.kind === "gate").length);
});

it("reads the filters of an address and leaves out what does not exist", () => {
  expect(readGroups("gates,nope,effects")).toEqual(["effects", "gates"]);
  expect(readGroups(null)).toEqual([]);
});
