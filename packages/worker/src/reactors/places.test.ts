import { defineConnector } from "@tape/sdk";
import { expect, test } from "vitest";
import { createPlaces } from "./places.ts";

const connector = (options: { concurrency?: number; perSecond?: number }) => defineConnector({ name: "bank", dispatch: () => ({ status: "confirmed" }), ...options });
const of = (options: { concurrency?: number; perSecond?: number }) => {
  const one = connector(options);
  const clock = { at: 0 };
  return { one, clock, places: createPlaces(new Map([[one.name, one]]), () => clock.at) };
};

test("places: as many as it may send at a time, 10 unless told otherwise", () => {
  const { one, places } = of({});
  expect(places.free(one)).toBe(10);
  for (let n = 0; n < 10; n++) places.take(one);
  expect(places.free(one)).toBe(0);
  expect(places.give(one)).toBe(true);
  expect(places.free(one)).toBe(1);
  expect(places.give(one)).toBe(false);
  expect(places.nextTokenMs()).toBe(Infinity);
});

test("perSecond: a second's worth at once, then as they come; a slow rate begins with one", () => {
  const { one, clock, places } = of({ perSecond: 4, concurrency: 100 });
  expect(places.free(one)).toBe(4);
  for (let n = 0; n < 4; n++) places.take(one);
  expect(places.free(one)).toBe(0);
  expect(places.nextTokenMs()).toBe(250);
  clock.at = 500;
  expect(places.free(one)).toBe(2);
  clock.at = 60_000;
  expect(places.free(one)).toBe(4);

  const slow = of({ perSecond: 0.1 });
  expect(slow.places.free(slow.one)).toBe(1);
  slow.places.take(slow.one);
  expect(slow.places.nextTokenMs()).toBe(10_000);
});
