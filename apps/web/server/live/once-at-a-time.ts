/**
 * Runs `work` once at a time: what is asked for while it runs makes it run once more. The promise is that of a run which
 * began after the call.
 */
export function onceAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function start(): Promise<void> {
    next = undefined;
    running = work().finally(() => (running = undefined));
    return running;
  }

  return () => {
    if (!running && !next) return start();
    next ??= Promise.resolve(running).catch(() => {}).then(start);
    return next;
  };
}
