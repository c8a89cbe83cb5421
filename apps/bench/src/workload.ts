/** A PostgreSQL on which databases may be made: the address of its maintenance database. */
export interface Server {
  readonly url: string;
}

/** `quick` has fewer workloads and smaller sizes; `tiny` shows only that a workload works. */
export type Form = "full" | "quick" | "tiny";

export interface FigureSpec {
  unit: "per s" | "ms" | "MB" | "runs" | "steps" | "×";
  better: "higher" | "lower";
  /** One line of what was counted. */
  what: string;
  /** What Tape is held to; a raw limit has none. */
  target?: number;
}

/** One thing that is measured: its size as data, its figures by name. */
export interface Workload {
  /** For `--only`. */
  readonly name: string;
  readonly what: string;
  readonly figures: Readonly<Record<string, FigureSpec>>;
  readonly isQuick: boolean;
  /** Measures once, in a database of its own and after a warm-up of its own. A size may leave figures out. */
  measure(server: Server, form: Form): Promise<Record<string, number>>;
}

interface WorkloadSpec<Size, Figure extends string> {
  name: string;
  what: string;
  figures: Record<Figure, FigureSpec>;
  /** Without `quick` it is no part of the quick form. */
  sizes: { full: Size; quick?: Size; tiny: Size };
  measure(server: Server, size: Size): Promise<Partial<Record<Figure, number>>>;
}

export function defineWorkload<Size, Figure extends string>({ sizes, measure, ...rest }: WorkloadSpec<Size, Figure>): Workload {
  return {
    ...rest,
    isQuick: sizes.quick !== undefined,
    measure: async (server, form) => {
      const measured = await measure(server, sizes[form] ?? sizes.full);
      return Object.fromEntries(Object.entries<number | undefined>(measured).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    },
  };
}
