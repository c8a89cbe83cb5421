export * from "./cancel.ts";
export * from "./claim.ts";
export { timerFailed } from "./failed.ts";
export * from "./fire-due.ts";
export { getTimer } from "./get.ts";
export * from "./handled.ts";
export * from "./next-at.ts";
export * from "./set.ts";
