import { createTape, defineConfig, defineConnector } from "@tape/sdk";
import { expect, test } from "vitest";
import { loadedOf } from "./loaded.ts";

test("what a worker says of itself: what it can start, ask after, undo, handle, send by and deliver to, each by its name", () => {
  const tape = createTape({ app: "pay" });
  const undo = { name: "reverse", run: async () => null };
  tape.effect("wire", { statusCheck: async () => ({ status: "absent" }), compensate: undo }, async () => null);
  tape.effect("book", { compensate: undo }, async () => null);
  tape.effect("hold", { compensate: async () => null }, async () => null);
  tape.effect("look", async () => null);
  tape.onTimer("reminder", () => {});
  tape.onTimer("redrive", () => {});
  tape.addConnector(defineConnector({ name: "bank", dispatch: async () => ({ status: "confirmed" }) }));
  const sinks = [{ id: "books", deliver: async () => {} }];
  const other = createTape({ app: "other" });
  const { registration, compensators, timerKinds, agents, agentOf } = loadedOf(defineConfig({ tape, agents: [tape.agent("sweep", async () => null), other.agent("mop", async () => null)], sinks }));

  const both = (...tools: string[]) => ["pay", "other"].flatMap((app) => tools.map((tool) => ({ app, tool, can: "timer" })));
  expect(registration.tools).toEqual([
    { app: "pay", tool: "wire", can: "check" },
    { app: "pay", tool: "reverse", can: "compensate" },
    { app: "pay", tool: "hold/undo", can: "compensate" },
    ...both("reminder", "redrive"),
    { app: "pay", tool: "bank", can: "dispatch" },
    { app: "pay", tool: "books", can: "sink" },
  ]);
  expect(compensators).toEqual([{ app: "pay", compensator: "reverse" }, { app: "pay", compensator: "hold/undo" }]);
  expect(timerKinds).toEqual(["pay", "other"].flatMap((app) => ["redrive", "reconcile", "reminder"].map((kind) => ({ app, kind }))));
  expect(agents.map(({ app, agent }) => `${app} ${agent}`)).toEqual(["pay sweep", "other mop"]);
  expect(() => agentOf("pay", "mop")).toThrow("agent mop of pay is not loaded here");
});
