export { openTestStore, type TestStore } from "./open.ts";
export { makeRun, parkOn, type MadeRun, type RunShape } from "./run.ts";
export { makeGate, type GateShape } from "./gate.ts";
export { makeEffect, type EffectShape } from "./effect.ts";
export { makeObligation, type MadeObligation, type ObligationShape } from "./obligation.ts";
export { makeTimer, type TimerShape } from "./timer.ts";
export { untilOthersHaveEnded } from "./feed.ts";
export { actors } from "./actors.ts";
export { readStoredRows, type StoredRows } from "./rows.ts";
