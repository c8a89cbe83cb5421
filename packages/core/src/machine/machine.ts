/** One row of a state machine: leaving any of `from` by `event` leads to `to`. `from: null` is birth. */
export interface Transition<State extends string, Event extends string> {
  readonly from: readonly State[] | null;
  readonly event: Event;
  readonly to: readonly State[];
  /** The words on the edge of the diagram: who or what causes it, and any condition. */
  readonly cause: string;
}

export interface Machine<State extends string, Event extends string> {
  readonly name: string;
  readonly states: readonly State[];
  /** States that nothing but an explicit ask leaves (`compensate`). */
  readonly ended: readonly State[];
  readonly transitions: readonly Transition<State, Event>[];
}

/** May `event` happen in `state`? `null` asks for birth. */
export function allows<State extends string, Event extends string>(
  machine: Machine<State, Event>,
  state: State | null,
  event: Event,
): boolean {
  return machine.transitions.some(
    (row) => row.event === event && (state === null ? row.from === null : (row.from?.includes(state) ?? false)),
  );
}

/** The states that `event` may leave: the guard that a store verb writes into its statement. */
export function statesLeftBy<State extends string, Event extends string>(
  machine: Machine<State, Event>,
  event: Event,
): readonly State[] {
  return machine.transitions.filter((row) => row.event === event).flatMap((row) => row.from ?? []);
}
