export * from "./actor.ts";
export * from "./money.ts";
export * from "./sentence/index.ts";
export * from "./time.ts";
export * from "./tone.ts";
export { figuresOf } from "./figures.ts";
export { clip, count, foreign, grouped, oneLine } from "./text.ts";
