export * from "./get.ts";
export * from "./history.ts";
export * from "./read-versions.ts";
export * from "./set.ts";
export * from "./write.ts";
