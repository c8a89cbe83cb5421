import { timerFactory } from "@tape/core/testing";
import { expect, it } from "vitest";
import { inOrder, whyNotCancelTimer } from "./words.ts";

it("only timers of the agent's own may be taken away", () => {
  expect(whyNotCancelTimer(timerFactory.retrying())).toBeNull();
  expect(whyNotCancelTimer(timerFactory.armed({ kind: "redrive" }))).toBeNull();
  expect(whyNotCancelTimer(timerFactory.armed())).toMatch(/sleep for ever/);
  expect(whyNotCancelTimer(timerFactory.armed({ kind: "gate_timeout" }))).toMatch(/more time/);
  expect(whyNotCancelTimer(timerFactory.gaveUp())).toBe("It has fired.");
  expect(whyNotCancelTimer(timerFactory.cancelled())).toBe("It is cancelled.");
});

it("the next one due stands first, what is over last", () => {
  const at = (day: number) => `2026-11-${day}T10:00:00.000Z`;
  const timers = [timerFactory.fired({ id: "old", fireAt: at(20) }), timerFactory.armed({ id: "later", fireAt: at(28) }), timerFactory.cancelled({ id: "new", fireAt: at(23) }), timerFactory.armed({ id: "soon", fireAt: at(25) })];
  expect(inOrder(timers).map(({ id }) => id)).toEqual(["soon", "later", "new", "old"]);
});
