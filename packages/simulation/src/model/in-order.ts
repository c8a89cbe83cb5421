type Sortable = readonly (number | string)[];

/** Rows by what they are sorted by, the smallest first: by the first of it, by the next where that is equal. */
export function inOrder<Row>(rows: readonly Row[], by: (row: Row) => Sortable): Row[] {
  return rows.toSorted((one, other) => compare(by(one), by(other)));
}

/** As {@link inOrder}, the largest first. */
export function inReverse<Row>(rows: readonly Row[], by: (row: Row) => Sortable): Row[] {
  return rows.toSorted((one, other) => compare(by(other), by(one)));
}

function compare(one: Sortable, other: Sortable): number {
  for (const [place, value] of one.entries()) {
    const against = other[place]!;
    if (value !== against) return value < against ? -1 : 1;
  }
  return 0;
}
