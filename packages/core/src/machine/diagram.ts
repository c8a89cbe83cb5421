import { effectMachine } from "./effect.ts";
import { gateMachine } from "./gate.ts";
import type { Machine } from "./machine.ts";
import { obligationMachine } from "./obligation.ts";
import { runMachine } from "./run.ts";
import { timerMachine } from "./timer.ts";
import { valueMachine } from "./value.ts";

/** A machine as a Mermaid state diagram: the same table always gives the same text. */
export function diagramOf<State extends string, Event extends string>(machine: Machine<State, Event>): string {
  const edges = machine.transitions.flatMap(({ cause, event, from, to }) =>
    (from ?? ["[*]"]).flatMap((start) => to.map((end) => `  ${start} --> ${end}: ${label(event, cause, start)}`)),
  );
  const ends = machine.ended.map((state) => `  ${state} --> [*]`);
  return ["stateDiagram-v2", "  direction LR", ...edges, ...ends].join("\n");
}

const CONDITION = / \((\w+): ([^)]+)\)/g;

/** `(STUCK: not by compensation)` is said only on the edge that leaves STUCK. Mermaid ends a label at `:` and `;`. */
function label(event: string, cause: string, from: string): string {
  const words = cause.replace(CONDITION, (_all, state: string, condition: string) => (state === from ? `, ${condition}` : "")).replace(/[:;]/g, ",");
  return words.startsWith(event) ? words : `${event}, ${words}`;
}

const DIAGRAMS = new Map(
  [
    [runMachine.name, diagramOf(runMachine)],
    [effectMachine.name, diagramOf(effectMachine)],
    [obligationMachine.name, diagramOf(obligationMachine)],
    [gateMachine.name, diagramOf(gateMachine)],
    [timerMachine.name, diagramOf(timerMachine)],
    [valueMachine.name, diagramOf(valueMachine)],
  ] as const,
);

const MARKED = /(<!-- machine:(\w+) -->)[\s\S]*?(<!-- \/machine -->)/g;

/** The page with every diagram between `<!-- machine:run -->` and `<!-- /machine -->` as it is today. Throws on an unknown machine. */
export function withDiagrams(markdown: string): string {
  return markdown.replace(MARKED, (_all, begin: string, name: string, end: string) => {
    const diagram = DIAGRAMS.get(name);
    if (diagram === undefined) throw new Error(`no machine is called ${name}: there are ${[...DIAGRAMS.keys()].join(", ")}`);
    return `${begin}\n\`\`\`mermaid\n${diagram}\n\`\`\`\n${end}`;
  });
}
