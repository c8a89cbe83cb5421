export * from "./errors.ts";
export { fromRecorded, toRecorded } from "./record.ts";
