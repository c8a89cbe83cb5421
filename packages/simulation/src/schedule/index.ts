export type { Act, Choice, PersonAct, Schedule, When } from "./choice.ts";
export { simulate } from "./command.ts";
export { generate } from "./generate.ts";
export { describe } from "./print.ts";
export { run, type Ended, type Violation } from "./run.ts";
export { shrink } from "./shrink.ts";
