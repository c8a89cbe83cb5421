export type { Act, Choice, PersonAct, Schedule, When } from "./choice.ts";
export { generate } from "./generate.ts";
export { run, type Ended, type Violation } from "./run.ts";
export { shrink } from "./shrink.ts";
