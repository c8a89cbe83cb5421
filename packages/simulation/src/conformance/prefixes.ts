export * from "./prefix/index.ts";
