import { count, formatDuration, foreign } from "@tape/core";
import type { Backend } from "../backend/backend.ts";
import { endingOf } from "../exit.ts";
import { well, wrong, type Finding } from "./finding.ts";

/** From this much on, times that this machine prints are misleading. Leases do not mind: they go by the database's clock. */
const SKEW_MS = 2000;

export async function checkClock(backend: Backend): Promise<Finding> {
  const asked = Date.now();
  const there = await backend.now();
  const here = (asked + Date.now()) / 2;
  const skewMs = Math.round(there.getTime() - here);
  const said = `${formatDuration(Math.abs(skewMs))} ${skewMs >= 0 ? "behind" : "ahead of"} Tape's`;
  if (Math.abs(skewMs) < SKEW_MS) return well("Clock", Math.abs(skewMs) < 100 ? "agrees with Tape's" : said);
  return wrong("Clock", said, "Set this machine's clock, by NTP if you can.");
}

export async function checkWorkers(backend: Backend): Promise<Finding> {
  try {
    const alive = (await backend.listWorkers()).filter((worker) => worker.alive);
    const agents = [...new Set(alive.flatMap((worker) => worker.agents.map(({ agent }) => foreign(agent, 40))))].sort();
    if (alive.length === 0) return wrong("Worker", "none is alive, so nothing gets on", "Run tape worker, or npm start.");
    return well("Worker", `${count(alive.length, "worker")} alive, with ${agents.join(", ") || "no agents"}`);
  } catch (error) {
    return wrong("Worker", endingOf(error).message, "Put the database right first.");
  }
}
