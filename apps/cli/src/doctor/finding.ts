/** What one check found. `todo` says what to do; without it all is well. */
export interface Finding {
  what: string;
  says: string;
  todo?: string;
}

export function well(what: string, says: string): Finding {
  return { what, says };
}

export function wrong(what: string, says: string, todo: string): Finding {
  return { what, says, todo };
}
