/** Members by key, keys in the order in which they first appear. */
export function groupBy<T>(members: readonly T[], keyOf: (member: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const member of members) {
    const key = keyOf(member);
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return groups;
}

/** By code units and not by a language's rules: those differ between machines, and a plan must not. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function bySize(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
