import { RUN_STATUSES, type Hint, type SystemStatus } from "@tape/core";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { keptFor } from "./kept.ts";
import { type CollectFunction, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export interface MetricsOptions {
  status: () => Promise<SystemStatus>;
  countSockets: () => number;
}

/** The counts of the database are read at most this often, however many scrape (ms). */
const STATUS_EVERY_MS = 5_000;

/** What Prometheus scrapes: this process, its requests and sockets, and the counts of the whole system. */
export function createMetrics({ status, countSockets }: MetricsOptions) {
  /** One read for all gauges of a scrape. */
  const counts = keptFor(STATUS_EVERY_MS, status);
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: "tape_http_request_duration_seconds",
    help: "Requests to the HTTP API, by route.",
    labelNames: ["method", "route", "status"],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const hints = new Counter({ name: "tape_hints_total", help: "Hints heard from the database.", labelNames: ["on"], registers });
  new Gauge({ name: "tape_sockets", help: "Connected sockets.", registers, collect: set(countSockets) });
  new Gauge({ name: "tape_open_gates", help: "Gates that wait for a person.", registers, collect: set(async () => (await counts()).openGates) });
  new Gauge({ name: "tape_unsent_effects", help: "Effects whose sending keeps failing.", registers, collect: set(async () => (await counts()).unsentEffects) });
  new Gauge({ name: "tape_unknown_effects", help: "Effects whose outcome is not known.", registers, collect: set(async () => (await counts()).unknownEffects) });
  new Gauge({ name: "tape_workers", help: "Workers that are alive.", registers, collect: set(async () => (await counts()).workers) });
  new Gauge({
    name: "tape_runs",
    help: "Runs by status.",
    labelNames: ["status"],
    registers,
    async collect() {
      const { runs } = await counts();
      for (const name of RUN_STATUSES) this.set({ status: name }, runs[name] ?? 0);
    },
  });

  return {
    hint: (hint: Hint) => hints.inc({ on: hint.on }),
    timed: createMiddleware(async (c, next) => {
      const end = requests.startTimer({ method: c.req.raw.method });
      await next();
      end({ route: routePath(c, -1), status: c.res.status });
    }),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;

function set(value: () => number | Promise<number>): CollectFunction<Gauge> {
  return async function (this: Gauge) {
    this.set(await value());
  };
}
