export { copy } from "./copy.ts";
export { VERBS, type Answer, type Given, type Said, type VerbName, type Verbs } from "./database.ts";
export { thisProcess } from "./here.ts";
export type { ArmedFault, Call, CallFault, Moment } from "./network.ts";
export { Process } from "./process.ts";
export { createRandom, hashOf, type Random } from "./random.ts";
export type { Crash } from "./timeline.ts";
export { World, type WorldHooks } from "./world.ts";
