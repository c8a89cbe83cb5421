import { z } from "zod";

/** A list answers itself in pages; `nextCursor` is opaque, null at the end. */
export const listOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export const pageRequest = z.object({
  cursor: z.string().max(500).optional(),
  /** 1 to 200, default 50. */
  limit: z.coerce.number().int().min(1).max(200).optional(),
});
