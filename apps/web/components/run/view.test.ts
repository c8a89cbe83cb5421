import { expect, it } from "vitest";
import { hrefOfItem, hrefOfView, viewOf, viewOfPath, VIEWS } from "./view.ts";

it("a view is its address, there and back", () => {
  for (const view of VIEWS) expect(viewOfPath(hrefOfView("run_1", view))).toBe(view);
  expect(hrefOfView("run_1", "timeline")).toBe("/runs/run_1");
  expect(hrefOfItem("run_1", "effect:eff_1")).toBe("/runs/run_1?item=effect%3Aeff_1");
});

it("an address of something that is not here is none", () => {
  expect(viewOf(["nonsense"])).toBeNull();
  expect(viewOf(["timers", "more"])).toBeNull();
  expect(viewOf(["timeline"])).toBeNull();
  expect(viewOf([])).toBe("timeline");
});
