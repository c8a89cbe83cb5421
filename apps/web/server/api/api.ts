import type { Auth } from "../auth/auth.ts";
import { effectRoutes } from "./effect.ts";
import { gateRoutes } from "./gate.ts";
import { journalRoutes } from "./journal.ts";
import { obligationRoutes } from "./obligation.ts";
import { describe } from "./openapi.ts";
import { resource, type ApiOptions } from "./resource.ts";
import { runRoutes } from "./run.ts";
import { sessionRoutes } from "./session.ts";
import { signalRoutes } from "./signal.ts";
import { systemRoutes } from "./system.ts";
import { timerRoutes } from "./timer.ts";
import { tokenRoutes } from "./token.ts";

/** Everything under `/api/v1`. Who is asking was established before. */
export function apiRoutes(options: ApiOptions & { auth: Auth; url: URL }) {
  const app = resource();
  for (const routes of [
    runRoutes(options),
    journalRoutes(options),
    signalRoutes(options),
    effectRoutes(options),
    obligationRoutes(options),
    gateRoutes(options),
    timerRoutes(options),
    tokenRoutes(options),
    systemRoutes(options),
    sessionRoutes(options.auth),
  ]) {
    app.route("/", routes);
  }
  describe(app, options.url);
  return app;
}
