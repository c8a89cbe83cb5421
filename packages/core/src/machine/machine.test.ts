import { describe, expect, test } from "vitest";
import { allows, effectMachine, gateMachine, obligationMachine, runMachine, statesLeftBy, timerMachine, valueMachine, type Machine } from "./index.ts";

const machines: readonly Machine<string, string>[] = [runMachine, effectMachine, obligationMachine, gateMachine, timerMachine, valueMachine];

describe.each(machines.map((machine) => [machine.name, machine] as const))("%s", (_name, machine) => {
  test("is born by exactly one event and every state is reached from there", () => {
    const births = machine.transitions.filter((row) => row.from === null);
    expect(births).toHaveLength(1);
    const reached = new Set(births.flatMap((row) => row.to));
    for (let size = -1; size !== reached.size; ) {
      size = reached.size;
      for (const row of machine.transitions) if (row.from?.some((state) => reached.has(state))) row.to.forEach((state) => reached.add(state));
    }
    expect([...reached].toSorted()).toEqual([...machine.states].toSorted());
  });

  test("can leave every state that is not ended", () => {
    const left = new Set(machine.transitions.flatMap((row) => row.from ?? []));
    expect(machine.states.filter((state) => !machine.ended.includes(state) && !left.has(state))).toEqual([]);
  });

  test("names only its own states, each once, and gives every row a cause", () => {
    expect(new Set(machine.states).size).toBe(machine.states.length);
    expect(machine.states).toEqual(expect.arrayContaining([...machine.ended]));
    for (const row of machine.transitions) {
      expect(machine.states).toEqual(expect.arrayContaining([...(row.from ?? []), ...row.to]));
      expect(row.to.length).toBeGreaterThan(0);
      expect(row.cause).not.toBe("");
    }
  });

  test("says where an event leads from a state in one row only", () => {
    const edges = machine.transitions.flatMap((row) => (row.from ?? ["born"]).map((state) => `${state} ${row.event}`));
    expect(edges.filter((edge, place) => edges.indexOf(edge) !== place)).toEqual([]);
  });

  test("allows exactly what statesLeftBy lists", () => {
    for (const event of new Set(machine.transitions.map((row) => row.event))) {
      const left = statesLeftBy(machine, event);
      for (const state of machine.states) expect(allows(machine, state, event), `${event} from ${state}`).toBe(left.includes(state));
    }
  });
});

describe("the rules that the tables hold", () => {
  test("cancel is sticky: nothing leaves CANCELLED but compensate", () => {
    expect(runMachine.transitions.filter((row) => row.from?.includes("CANCELLED")).map((row) => row.event)).toEqual(["compensate"]);
  });

  test("only compensate leaves an ended run, and COMPENSATED is left by nothing", () => {
    const leaving = runMachine.transitions.filter((row) => row.from?.some((state) => runMachine.ended.includes(state)));
    expect(leaving.map((row) => row.event)).toEqual(["compensate"]);
    expect(allows(runMachine, "COMPENSATED", "compensate")).toBe(false);
  });

  test("cancel is refused while compensating and after", () => {
    expect(statesLeftBy(runMachine, "cancel")).toEqual(["RUNNABLE", "RUNNING", "WAITING", "STUCK"]);
  });

  test("an outcome never overwrites an outcome", () => {
    expect(statesLeftBy(effectMachine, "confirm")).toEqual(["PENDING", "UNKNOWN"]);
    expect(statesLeftBy(effectMachine, "fail")).toEqual(["PENDING", "UNKNOWN"]);
  });

  test("a gate is left once", () => {
    for (const event of ["decide", "time_out", "cancel"] as const) expect(statesLeftBy(gateMachine, event)).toEqual(["OPEN"]);
  });

  test("birth is asked for with null", () => {
    expect(allows(runMachine, null, "start")).toBe(true);
    expect(allows(runMachine, null, "claim")).toBe(false);
    expect(allows(runMachine, "RUNNING", "start")).toBe(false);
    expect(allows(valueMachine, "tombstone", "write")).toBe(true);
  });
});
