// npm start: from a fresh checkout to a sign-in link, and back down in order. Imports only Node until the packages are there.
import { checkNode } from "./start/node-version.mjs";
import { readEnvironment } from "./start/environment.mjs";
import { install } from "./start/install.mjs";
import { record, refuseSecondLauncher } from "./start/pids.mjs";
import { ensurePortIsFree } from "./start/port.mjs";
import { createStopper } from "./start/stop.mjs";
import { complain, say, step } from "./start/terminal.mjs";

const stopper = createStopper();

async function start() {
  checkNode();
  const environment = readEnvironment();
  refuseSecondLauncher();
  await ensurePortIsFree(environment);
  record("launcher", process.pid);
  await step("packages", install);

  const { openDatabase } = await import("./start/database.mjs");
  await step("database", async (tell) => (stopper.parts.database = await openDatabase(environment, tell)).note);
  const { url, isNew } = stopper.parts.database;

  const { buildScreens } = await import("./start/build.mjs");
  await step("screens", buildScreens);

  const { startServices } = await import("./start/services.mjs");
  const { seedDemo, signInLink } = await import("./start/demo.mjs");
  const { services, env } = await startServices(environment, url);
  stopper.parts.services = services;
  const link = signInLink(env);
  link.catch(() => {});
  await step("processes", async () => {
    await Promise.all(services.map((service) => service.ready));
    return services.map((service) => service.name).join(", ");
  });
  if (environment.isDemo) await step("demo", async () => ((await seedDemo(env, isNew)) ? "seeded" : "kept"));
  say();
  say(`Tape is ready: ${await link}`);
  say("Ctrl-C stops it.");
}

start().catch(async (error) => {
  if (stopper.isStopping()) return;
  complain(error.name === "Trouble" ? error.message : error.stack);
  await stopper.stop();
  process.exit(1);
});
