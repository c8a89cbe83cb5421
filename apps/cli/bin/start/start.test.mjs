import { spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stopEmbedded } from "@tape/prisma/embedded";
import { wantedStamp } from "./install.mjs";
import { ROOT } from "./place.mjs";

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let project;
const launchers = [];

/** A project with the real launcher and database, and stand-ins for the processes it starts. */
beforeEach(async () => {
  project = await mkdtemp(path.join(os.tmpdir(), "tape-start-"));
  await chmod(project, 0o755);
  const put = async (file, text) => {
    await mkdir(path.dirname(path.join(project, file)), { recursive: true });
    await writeFile(path.join(project, file), text);
  };
  await cp(path.join(ROOT, "apps/cli/bin"), path.join(project, "apps/cli/bin"), { recursive: true });
  await symlink(path.join(ROOT, "apps/cli/node_modules"), path.join(project, "apps/cli/node_modules"));
  await put("package.json", '{ "packageManager": "no-such-package-manager@0.0.0" }');
  await cp(path.join(ROOT, "pnpm-lock.yaml"), path.join(project, "pnpm-lock.yaml"));
  await put("node_modules/.tape-stamp", await wantedStamp());

  const service = 'console.log(JSON.stringify({ ready: true })); setInterval(() => {}, 1000);\n';
  const orderly = `import { appendFileSync } from "node:fs";
    process.once("SIGTERM", () => setTimeout(() => { appendFileSync("${project}/order", NAME + "\\n"); process.exit(0); }, 100));\n`;
  for (const [app, file, name] of [["worker", "src/main.ts", "worker"], ["demo", "src/bank/main.ts", "bank"]]) {
    await put(`apps/${app}/${file}`, `const NAME = "${name}"; ${orderly} ${service}`);
    await mkdir(path.join(project, `apps/${app}/node_modules`));
    await symlink(path.join(ROOT, "apps/cli/node_modules/tsx"), path.join(project, `apps/${app}/node_modules/tsx`));
  }
  await put("apps/web/server/main.ts", `const NAME = "web"; ${orderly} import http from "node:http";
    http.createServer((_, response) => response.end("ok")).listen(Number(process.env.PORT), process.env.HOST, () => console.log(JSON.stringify({ ready: true })));`);
  await put("apps/web/node_modules/next/dist/bin/next", 'for (const made of [".next/BUILD_ID", "next-env.d.ts"]) require("node:fs").writeFileSync(made, "1");');
  await put("apps/web/node_modules/next/package.json", "{}");
  await put("apps/web/.next/.keep", "");
  await symlink(path.join(ROOT, "apps/cli/node_modules/tsx"), path.join(project, "apps/web/node_modules/tsx"));
  await put("apps/demo/src/seed/main.ts", `import { appendFileSync } from "node:fs"; appendFileSync("${project}/seeds", "1");`);
  await put("apps/cli/src/main.ts", 'console.log(`http://${process.env.HOST}:${process.env.PORT}/sign-in?token=${process.argv[2]}`);');
});

afterEach(async () => {
  for (const { child, ended } of launchers.splice(0)) {
    child.kill("SIGINT");
    child.kill("SIGINT");
    await ended;
  }
  await stopEmbedded({ dir: path.join(project, ".tape") });
  await rm(project, { recursive: true });
});

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function launch(env) {
  const child = spawn(process.execPath, [path.join(project, "apps/cli/bin/start.mjs")], { env: { ...process.env, DATABASE_URL: "", TAPE_CONFIG: "", TAPE_DIR: "", ...env } });
  const launcher = { child, output: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (launcher.output += chunk));
  launcher.ended = new Promise((resolve) => child.once("close", resolve));
  launchers.push(launcher);
  return launcher;
}

const pids = async () => JSON.parse(await readFile(path.join(project, ".tape/pids.json"), "utf8"));
const isReady = (launcher) => expect.poll(() => launcher.output, { timeout: 30_000 }).toMatch(/^Tape is ready: http:\/\/127\.0\.0\.1:\d+\/sign-in\?token=\S+$/m);
const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("starts, builds and seeds once, restarts what dies, stops in order, and keeps the data for the next start", async () => {
  const PORT = String(await freePort());
  const first = launch({ PORT });
  await isReady(first);
  expect(first.output).toMatch(/screens +built/);
  const before = await pids();
  expect(Object.keys(before).sort()).toEqual(["bank", "launcher", "postgres", "web", "worker"]);

  const second = launch({ PORT: String(await freePort()) });
  expect(await second.ended).toBe(1);
  expect(second.output.trim()).toMatch(/^Tape is running here already \(process \d+\)/);

  process.kill(before.worker, "SIGKILL");
  await expect.poll(async () => (await pids()).worker, { timeout: 10_000 }).toSatisfy((pid) => pid !== undefined && pid !== before.worker);
  process.kill(before.postgres, "SIGKILL");
  await expect.poll(async () => (await pids()).postgres, { timeout: 20_000 }).not.toBe(before.postgres);
  const after = await pids();

  first.child.kill("SIGINT");
  expect(await first.ended).toBe(0);
  expect(await readFile(path.join(project, "order"), "utf8")).toBe("worker\nweb\nbank\n");
  await expect.poll(() => Object.values(after).filter(isAlive), { timeout: 5_000 }).toEqual([]);

  const again = launch({ PORT });
  await isReady(again);
  expect(again.output).toMatch(/packages +up to date[^]*screens +up to date[^]*demo +kept/);
  expect(await readFile(path.join(project, "seeds"), "utf8")).toBe("1");
});

test("a killed launcher leaves no processes but the database, which the next start adopts", async () => {
  const first = launch({ PORT: String(await freePort()) });
  await isReady(first);
  const { worker, web, bank, postgres } = await pids();
  first.child.kill("SIGKILL");
  await expect.poll(() => [worker, web, bank].filter(isAlive), { timeout: 10_000 }).toEqual([]);

  const second = launch({ PORT: String(await freePort()) });
  await isReady(second);
  expect((await pids()).postgres).toBe(postgres);
});

test("asked to stop while it starts, it leaves nothing running", async () => {
  const launcher = launch({ PORT: String(await freePort()) });
  await expect.poll(() => launcher.output, { timeout: 20_000 }).toContain("making the data folder");
  launcher.child.kill("SIGTERM");
  expect(await launcher.ended).toBe(0);
  const { pid } = JSON.parse(await readFile(path.join(project, ".tape/postgres.json"), "utf8"));
  expect(pid).toBe(null);
  expect(launcher.output).not.toContain("Tape is ready");
});

test("what a person can mend is one line that says how", async () => {
  const taken = net.createServer();
  await new Promise((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const port = taken.address().port;
  const onTaken = launch({ PORT: String(port) });
  expect(await onTaken.ended).toBe(1);
  expect(onTaken.output).toBe(`Port ${port} is taken: stop what uses it, or start with PORT=${port + 1} npm start.\n`);

  const away = launch({ PORT: String(await freePort()), DATABASE_URL: `postgresql://x:secret@127.0.0.1:${await freePort()}/tape` });
  expect(await away.ended).toBe(1);
  expect(away.output).toMatch(/^The database at 127\.0\.0\.1:\d+\/tape does not answer: .*$/m);
  expect(away.output).not.toContain("secret");

  await writeFile(path.join(project, "apps/worker/src/main.ts"), 'throw new Error("no agents here");');
  const broken = launch({ PORT: String(await freePort()) });
  expect(await broken.ended).toBe(1);
  expect(broken.output).not.toContain("starting again");
  expect(broken.output).toMatch(/^worker stopped while starting: Error: no agents here \(\.tape\/log\/worker\.log\)$/m);
  taken.close();
});
