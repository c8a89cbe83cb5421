import path from "node:path";

/** The folders and files the launcher knows; all absolute. */
export const ROOT = path.resolve(import.meta.dirname, "../../../..");
/** `TAPE_DIR` keeps a second Tape of the same checkout apart. */
export const STATE = process.env.TAPE_DIR ? path.resolve(process.env.TAPE_DIR) : path.join(ROOT, ".tape");
export const LOGS = path.join(STATE, "log");
export const PIDS = path.join(STATE, "pids.json");
export const WEB = path.join(ROOT, "apps/web");
export const DEMO = path.join(ROOT, "apps/demo");

/** As a person in the project's folder would write it. */
export const short = (file) => path.relative(ROOT, file) || ".";
