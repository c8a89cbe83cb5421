import { setMaxListeners } from "node:events";

/** Something that runs in the background between `start` and `stop`. */
export interface Service {
  /**
   * Resolves once it runs. Starting what runs does nothing.
   *
   * @throws {ServiceStopped} when `stop` came while it was starting.
   */
  start(): Promise<void>;
  /**
   * Resolves once nothing of it runs any more. Safe before `start`, twice, during `start`, and from several callers,
   * who all wait for the same end. It may be started again.
   */
  stop(): Promise<void>;
}

/** Why a `signal` handed to a service was aborted. */
export class ServiceStopped extends Error {
  constructor(name: string) {
    super(`${name} was stopped`);
    this.name = "ServiceStopped";
  }
}

/** Ends what `open` began. Called once. */
export type Close = () => Promise<void>;

/**
 * Start and stop, written once. `open` begins the work and resolves when it runs; `signal` is aborted the moment
 * somebody asks for the end, so a slow `open` can leave early by throwing. One of its calls, or of the closes it
 * answered, is under way at any time.
 */
export function createService(name: string, open: (signal: AbortSignal) => Promise<Close>): Service {
  let turns: Promise<void> = Promise.resolve();
  let life: { abort: AbortController; close: Close } | undefined;
  const starting = new Set<AbortController>();

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = turns.then(work);
    turns = turn.catch(() => {});
    return turn;
  };

  const start = async (abort: AbortController): Promise<void> => {
    try {
      abort.signal.throwIfAborted();
      life ??= { abort, close: await open(abort.signal) };
      abort.signal.throwIfAborted();
    } finally {
      starting.delete(abort);
    }
  };

  const stop = async (): Promise<void> => {
    if (!life) return;
    const { close } = life;
    life = undefined;
    await close();
  };

  return {
    start: () => {
      const abort = new AbortController();
      // Whatever is under way in it may listen for its end.
      setMaxListeners(0, abort.signal);
      starting.add(abort);
      return inTurn(() => start(abort));
    },
    stop: () => {
      for (const abort of [...starting, life?.abort]) abort?.abort(new ServiceStopped(name));
      return inTurn(stop);
    },
  };
}

/** Starts them in order; when one cannot, or `signal` is aborted meanwhile, those before it are stopped again, newest first. */
export async function startAll(services: readonly Service[], signal?: AbortSignal): Promise<void> {
  const started: Service[] = [];
  for (const service of services) {
    const giveUp = () => void service.stop();
    signal?.addEventListener("abort", giveUp);
    try {
      signal?.throwIfAborted();
      await service.start();
      started.unshift(service);
    } catch (error) {
      for (const earlier of started) await earlier.stop();
      throw error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }
}

/** Stops them side by side and waits for all, also when one of them fails. */
export async function stopAll(services: readonly Service[]): Promise<void> {
  const ends = await Promise.allSettled(services.map((service) => service.stop()));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
}
