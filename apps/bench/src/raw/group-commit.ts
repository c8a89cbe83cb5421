interface Waiting<Item> {
  item: Item;
  resolve(): void;
  reject(error: unknown): void;
}

/** One batch is under way at a time, and everything that arrives meanwhile is the next. A batch that fails fails for each of its items. */
export function groupCommit<Item>(send: (items: Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let queue: Waiting<Item>[] = [];
  let isSending = false;

  async function drain(): Promise<void> {
    isSending = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      await send(batch.map(({ item }) => item)).then(
        () => batch.forEach(({ resolve }) => resolve()),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      );
    }
    isSending = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject });
      if (!isSending) void drain();
    });
}
