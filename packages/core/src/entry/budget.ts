import { z } from "zod";

const amounts = { microUsd: z.int(), tokens: z.int() };

export const budgetEntries = {
  reserved: z.object({ key: z.string(), ...amounts }),
  settled: z.object({ key: z.string(), ...amounts }),
  exceeded: z.object({ key: z.string(), cap: z.object(amounts).partial(), spent: z.object(amounts) }),
};
