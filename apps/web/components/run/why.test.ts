import { RUN_STATUSES } from "@tape/core";
import { runFactory } from "@tape/core/testing";
import { expect, it } from "vitest";
import { headline, whyNotCancel, whyNotRedrive, whyNotSignal } from "./why.ts";

it("lets a run be driven again when it waits or is stuck, and says why not otherwise", () => {
  expect(whyNotRedrive(runFactory.waitingAtGate())).toBeNull();
  expect(whyNotRedrive(runFactory.stuckByPoison())).toBeNull();
  expect(whyNotRedrive(runFactory.stuckByCompensation())).toContain("desk");
  expect(whyNotRedrive(runFactory.failed())).toContain("Start it again");
  const refused = RUN_STATUSES.filter((status) => whyNotRedrive(runFactory.queued({ status })) !== null);
  expect(refused).toEqual(["RUNNABLE", "RUNNING", "COMPENSATING", "COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"]);
});

it("sends signals only to runs that can still receive one", () => {
  expect(whyNotSignal(runFactory.running())).toBeNull();
  expect(whyNotSignal(runFactory.sleeping())).toBeNull();
  expect(whyNotSignal(runFactory.completed())).toContain("ended");
  expect(whyNotSignal(runFactory.cancelled())).toContain("ended");
});

it("C5 cancels what has not ended, also what is stuck, and says why not otherwise", () => {
  expect(whyNotCancel(runFactory.stuckByPoison())).toBeNull();
  expect(whyNotCancel(runFactory.stuckByCompensation())).toContain("while being taken back");
  expect(whyNotCancel(runFactory.cancelling())).toBe("It is cancelled already.");
  const refused = RUN_STATUSES.filter((status) => whyNotCancel(runFactory.queued({ status })) !== null);
  expect(refused).toEqual(["COMPENSATING", "COMPLETED", "FAILED", "CANCELLED", "COMPENSATED"]);
});

it("has a sentence for a run in any state", () => {
  for (const make of Object.values(runFactory)) expect(headline(make())).not.toBe("");
  expect(headline(runFactory.failed())).toContain("Failed after");
});
