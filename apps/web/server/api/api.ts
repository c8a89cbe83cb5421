import type { SystemStatus } from "@tape/core";
import type { Links } from "../embed/links.ts";
import { effectRoutes } from "./effect.ts";
import { gateRoutes } from "./gate.ts";
import { journalRoutes } from "./journal.ts";
import { obligationRoutes } from "./obligation.ts";
import { describe } from "./openapi.ts";
import { progressLinkRoutes } from "./progress-link.ts";
import { resource } from "./resource.ts";
import { runRoutes } from "./run.ts";
import { sessionRoutes } from "./session.ts";
import { signalRoutes } from "./signal.ts";
import { sinkRoutes } from "./sink.ts";
import { systemRoutes } from "./system.ts";
import { timerRoutes } from "./timer.ts";
import { tokenRoutes } from "./token.ts";
import { valueRoutes, type ValueOptions } from "./value.ts";

/** Everything under `/api/v1`. Who is asking was established before. */
export function apiRoutes(options: ValueOptions & { links: Links; status: () => Promise<SystemStatus>; url: URL }) {
  const app = resource();
  for (const routes of [
    runRoutes(options),
    journalRoutes(options),
    signalRoutes(options),
    effectRoutes(options),
    obligationRoutes(options),
    gateRoutes(options),
    timerRoutes(options),
    valueRoutes(options),
    progressLinkRoutes(options),
    sinkRoutes(options),
    tokenRoutes(options),
    systemRoutes(options),
    sessionRoutes(options.auth),
  ]) {
    app.route("/", routes);
  }
  describe(app, options.url);
  return app;
}
