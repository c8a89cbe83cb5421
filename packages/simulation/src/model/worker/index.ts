export * from "./beat.ts";
export * from "./forget-dead.ts";
export * from "./leave.ts";
export * from "./list.ts";
export { isAlive } from "./presence.ts";
export * from "./register.ts";
