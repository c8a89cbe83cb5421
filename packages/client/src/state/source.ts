/** A value that changes over time, read the way React's `useSyncExternalStore` reads it. */
export interface Source<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

export interface Cell<T> extends Source<T> {
  set(next: T): void;
}

export function cell<T>(initial: T): Cell<T> {
  const listeners = new Set<() => void>();
  let value = initial;
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
