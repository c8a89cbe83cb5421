import { expect, test } from "vitest";
import { measure } from "./measure.ts";
import { defineWorkload, type Workload } from "./workload.ts";

const server = { url: "postgres://nowhere" };

function fake(name: string, figure: string, samples: number[], asked: string[]): Workload {
  return defineWorkload({
    name,
    what: "made up",
    figures: { [figure]: { unit: "per s", better: "higher", what: "made up" } },
    sizes: { full: samples, tiny: samples },
    measure: (_server, left) => {
      asked.push(name);
      const value = left.shift();
      if (value === undefined) return Promise.reject(new Error("nothing is left"));
      return Promise.resolve({ [figure]: value });
    },
  });
}

test("repeats are interleaved, and a figure is their median with its spread", async () => {
  const asked: string[] = [];
  const workloads = [fake("one", "runsPerSecondAt50", [3, 1, 8], asked), fake("other", "other", [5, 5, 5], asked)];
  const { figures } = await measure(server, { workloads, form: "full", repeats: 3, onStart: () => {} });
  expect(asked).toEqual(["one", "other", "one", "other", "one", "other"]);
  expect(figures[0]).toMatchObject({ workload: "one", name: "runsPerSecondAt50", samples: [3, 1, 8], median: 3, min: 1, max: 8 });
});

test("a share of the limit is that of each repeat", async () => {
  const workloads = [fake("tape", "runsPerSecondAt50", [30, 10], []), fake("raw", "rawBatchedRunsPerSecondAt50", [60, 40], [])];
  const { figures } = await measure(server, { workloads, form: "full", repeats: 2, onStart: () => {} });
  expect(figures.at(-1)).toMatchObject({ name: "shareOfRawAt50", samples: [0.5, 0.25] });
});

test("what cannot be measured is said, and the others are measured", async () => {
  const workloads = [fake("broken", "none", [], []), fake("sound", "other", [1], [])];
  const { figures, failures } = await measure(server, { workloads, form: "full", repeats: 1, onStart: () => {} });
  expect(failures).toEqual(["broken: nothing is left"]);
  expect(figures.map(({ name }) => name)).toEqual(["other"]);
});
