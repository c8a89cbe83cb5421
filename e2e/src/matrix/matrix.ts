import { isDeepStrictEqual } from "node:util";
import { live, type Life } from "./live.ts";

/** What came of killing a worker at one boundary. */
export interface Killed {
  at: number;
  boundary: string;
  /** False: its life had fewer boundaries than the one nobody killed (commits that were under way together were one), or it did not come to an end. */
  died: boolean;
  /** Nothing, when all ended as if nobody had died. */
  wrongs: string[];
}

/** The run that nobody killed: what all the others are compared with. */
export async function undisturbed(): Promise<Life> {
  const life = await live(0);
  if (life.wrongs.length > 0) throw new Error(`the run that nobody killed is wrong: ${life.wrongs.join("; ")}`);
  return life;
}

/** Kills a worker at each of these boundaries, so many side by side, each on a database of its own. */
export async function killAtEach(model: Life, boundaries: readonly number[], { sideBySide = 3, onKilled = () => {} }: { sideBySide?: number; onKilled?: (killed: Killed) => void } = {}): Promise<Killed[]> {
  const left = [...boundaries];
  const all: Killed[] = [];
  const work = async (): Promise<void> => {
    for (let at = left.shift(); at !== undefined; at = left.shift()) {
      const killed = await killAt(model, at);
      all.push(killed);
      onKilled(killed);
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return all.sort((one, other) => one.at - other.at);
}

async function killAt(model: Life, at: number): Promise<Killed> {
  try {
    const life = await live(at);
    const differs = (Object.keys(model.end) as string[]).filter((part) => !isDeepStrictEqual(life.end[part], model.end[part]));
    const wrongs = [
      ...life.wrongs,
      ...differs.map((part) => `${part} ended otherwise: ${JSON.stringify(life.end[part])}`),
      ...(isDeepStrictEqual(life.acts, model.acts) ? [] : [`other acts: ${life.acts.join(", ")}`]),
    ];
    return { at, boundary: life.died ? (life.boundaries.at(-1) ?? "") : "", died: life.died, wrongs };
  } catch (error) {
    return { at, boundary: "", died: false, wrongs: [error instanceof Error ? error.message : String(error)] };
  }
}

/**
 * A sample: the first and the last boundary, one of each kind, and the rest evenly over the run.
 * @param most that are taken; more when there are more kinds
 */
export function spread(boundaries: readonly string[], most: number): number[] {
  const kinds = new Map<string, number>();
  boundaries.forEach((boundary, at) => {
    const kind = kindOf(boundary);
    if (!kinds.has(kind)) kinds.set(kind, at + 1);
  });
  const taken = new Set([1, boundaries.length, ...kinds.values()]);
  for (let n = 1; taken.size < Math.min(most, boundaries.length); n++) taken.add(Math.max(1, Math.round((boundaries.length * ((n * 0.618034) % 1)))));
  return [...taken].sort((one, other) => one - other);
}

/**
 * What is crossed, without before or after and without the names of acts: a statement that is first met before it is sent
 * is met after its answer as well, somewhere in the whole matrix.
 */
export function kindOf(boundary: string): string {
  const what = boundary.replace(/^(before|after) /, "");
  return what.startsWith("act ") ? "act" : what.replace(/^COMMIT of .*/, "COMMIT").replace(/^tape_commit_.*/, "tape_commit");
}
