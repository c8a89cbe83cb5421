export * from "./actor.ts";
export * from "./money.ts";
export * from "./sentence/index.ts";
export * from "./time.ts";
export * from "./tone.ts";
export { figuresOf } from "./figures.ts";
export { clip, count, foreign, grouped, oneLine } from "./text.ts";
export { explainWaiting } from "./why/explain-waiting.ts";
export type { EffectFacts, GateFacts, LeaseFacts, ObligationFacts, SendingFacts, WhyFacts } from "./why/facts.ts";
