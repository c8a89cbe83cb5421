import { createInterface } from "node:readline/promises";

/** Asks the person at the terminal; anything but yes is no. */
export async function agrees(question: string): Promise<boolean> {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(question)).trim());
  } finally {
    prompt.close();
  }
}
