import { makePlace } from "../launcher.ts";
import { figureOf, type Figure } from "./figures.ts";

/** `npm start` to its ready line: with a new database, packages and screens being there; then again with its data. */
export async function measureStart(rounds: number): Promise<Figure[]> {
  const place = await makePlace();
  try {
    const first = await place.start();
    await first.interrupt();
    const again: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const launched = await place.start();
      again.push(launched.tookMs);
      await launched.interrupt();
    }
    return [figureOf("npm start, new database", "ms", [first.tookMs]), figureOf("npm start, second time", "ms", again)];
  } finally {
    await place.remove();
  }
}
