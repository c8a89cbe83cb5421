export * from "./decide.ts";
export * from "./extend.ts";
export * from "./get.ts";
