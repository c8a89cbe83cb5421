import { z } from "zod";

const step = { key: z.string(), fingerprint: z.string(), namespace: z.string(), valueKey: z.string() };

/** Values written or read by agent code as steps; the values themselves live in their own table. */
export const valueEntries = {
  written: z.object({ ...step, version: z.int() }),
  deleted: z.object({ ...step, version: z.int() }),
  read: z.object({ ...step, version: z.int().nullable(), value: z.unknown() }),
};
