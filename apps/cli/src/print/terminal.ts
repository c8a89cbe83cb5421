import type { Tone } from "@tape/core";
import pc from "picocolors";

/** Where a command writes: answers to stdout, everything else to stderr. */
export interface Terminal {
  print(text: string): void;
  say(text: string): void;
  /** Columns to fit into; unlimited when nobody watches. */
  readonly width: number;
  /** A person sits there and can be asked. */
  readonly isInteractive: boolean;
  readonly paint: Paint;
}

export type Paint = Record<Tone | "dim" | "bold", (text: string) => string>;

/** One hue per state, as on screen. */
function painted(isColoured: boolean): Paint {
  const colors = pc.createColors(isColoured);
  return { quiet: (text) => text, live: colors.cyan, person: colors.yellow, operator: colors.red, undone: colors.magenta, dim: colors.dim, bold: colors.bold };
}

/** The terminal of this process. Colour only where a person watches and `NO_COLOR` is unset. */
export function processTerminal(variables: Record<string, string | undefined>): Terminal {
  const { stdin, stdout, stderr } = process;
  // `tape runs | head` closes the pipe early: nobody is left to tell.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  const isWatched = stdout.isTTY === true;
  return {
    print: (text) => void stdout.write(`${text}\n`),
    say: (text) => void stderr.write(`${text}\n`),
    width: isWatched ? stdout.columns || 80 : Number.POSITIVE_INFINITY,
    isInteractive: isWatched && stdin.isTTY === true,
    paint: painted(isWatched && !variables.NO_COLOR && variables.TERM !== "dumb"),
  };
}
