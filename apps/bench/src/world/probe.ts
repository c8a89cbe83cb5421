import type { Mark, Marks } from "../agents/marks.ts";
import { cpuMs, memoryMb } from "./usage.ts";

/** What the bench asks a worker process over its channel. */
export interface Answers {
  cpuMs: number;
  memoryMb: number;
  marks: Mark[];
}

/** Answered with the same number. */
export interface Question {
  number: number;
  ask: keyof Answers;
}

/** Answers the bench's questions. Without a channel to it nothing is ever asked. */
export function answerQuestions(marks: Marks): void {
  const answers: { [Ask in keyof Answers]: () => Answers[Ask] } = { cpuMs, memoryMb, marks: marks.take };
  process.on("message", ({ number, ask }: Question) => {
    process.send?.({ number, answer: answers[ask]() });
  });
}
