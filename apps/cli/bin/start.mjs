// npm start: from a fresh checkout to a sign-in link, and back down in order. Imports only Node until the packages are there.
import { checkNode } from "./start/node-version.mjs";
import { readEnvironment } from "./start/environment.mjs";
import { install } from "./start/install.mjs";
import { record, refuseSecondLauncher } from "./start/pids.mjs";
import { ensurePortIsFree } from "./start/port.mjs";
import { createStopper } from "./start/stop.mjs";
import { complain, say, step } from "./start/terminal.mjs";
import { Trouble } from "./start/trouble.mjs";

const stopper = createStopper();

/** A step, unless somebody has asked to stop meanwhile. */
async function next(name, work) {
  if (stopper.isStopping()) throw new Trouble("stopped");
  await step(name, work);
}

async function start() {
  checkNode();
  const environment = readEnvironment();
  refuseSecondLauncher();
  await ensurePortIsFree(environment);
  record("launcher", process.pid);
  await next("packages", install);

  const { openDatabase } = await import("./start/database.mjs");
  await next("database", async (tell) => (await (stopper.parts.database = openDatabase(environment, tell))).note);
  const { url, isNew } = await stopper.parts.database;

  const { buildScreens } = await import("./start/build.mjs");
  await next("screens", buildScreens);

  const { keepRunning } = await import("./start/child.mjs");
  const { planServices } = await import("./start/services.mjs");
  const { seedDemo, signInLink } = await import("./start/demo.mjs");
  const { plan, env } = planServices(environment, url);
  let link;
  await next("processes", async () => {
    const services = (stopper.parts.services = plan.map(keepRunning));
    [link] = await Promise.all([signInLink(env), ...services.map((service) => service.ready)]);
    return services.map((service) => service.name).join(", ");
  });
  if (environment.isDemo) await next("demo", async () => ((await seedDemo(env, isNew)) ? "seeded" : "kept"));
  say();
  say(`Tape is ready: ${link}`);
  say("Ctrl-C stops it.");
}

start().catch(async (error) => {
  if (stopper.isStopping()) return;
  complain(error.name === "Trouble" ? error.message : error.stack);
  await stopper.stop();
  process.exit(1);
});
