export * from "./json.ts";
export * from "./ids.ts";
export * from "./error.ts";
export * from "./hint.ts";
export * from "./machine/index.ts";
export * from "./entry/index.ts";
export * from "./wire/index.ts";
