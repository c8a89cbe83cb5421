import type { Connector } from "@tape/sdk";

/** How many more intents of each connector may be sent at this moment: its places, and its tokens of this second. */
export interface Places {
  free(connector: Connector): number;
  take(connector: Connector): void;
  /** True when somebody may have waited for it. */
  give(connector: Connector): boolean;
  /** Until the next token of a connector that has none (ms); Infinity when none is short of them. */
  nextTokenMs(): number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** @param now Milliseconds of a clock that never goes back. */
export function createPlaces(connectors: ReadonlyMap<string, Connector>, now: () => number = () => performance.now()): Places {
  const busy = new Map<string, number>();
  const buckets = new Map<string, Bucket>();

  /** Filled by `perSecond`, to one second's worth and at least one. */
  const bucketOf = ({ name, perSecond = Infinity }: Connector): Bucket => {
    const most = Math.max(1, perSecond);
    const at = now();
    const bucket = buckets.get(name) ?? { tokens: most, at };
    const filled = { tokens: Math.min(most, bucket.tokens + ((at - bucket.at) / 1_000) * perSecond), at };
    buckets.set(name, filled);
    return filled;
  };
  const isLimited = ({ perSecond }: Connector) => perSecond !== undefined;

  return {
    free: (connector) => {
      const places = Math.max(0, connector.concurrency - (busy.get(connector.name) ?? 0));
      return isLimited(connector) ? Math.min(places, Math.floor(bucketOf(connector).tokens)) : places;
    },
    take: (connector) => {
      busy.set(connector.name, (busy.get(connector.name) ?? 0) + 1);
      if (isLimited(connector)) bucketOf(connector).tokens -= 1;
    },
    give: (connector) => {
      const before = busy.get(connector.name) ?? 0;
      busy.set(connector.name, before - 1);
      return before >= connector.concurrency;
    },
    nextTokenMs: () => {
      const waits = [...connectors.values()].flatMap((connector) => {
        if (!isLimited(connector)) return [];
        const { tokens } = bucketOf(connector);
        return tokens >= 1 ? [] : [Math.ceil(((1 - tokens) / connector.perSecond!) * 1_000)];
      });
      return Math.min(Infinity, ...waits);
    },
  };
}
