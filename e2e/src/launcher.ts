import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { REPOSITORY } from "./process.ts";
import { until } from "./until.ts";

/** A Tape of its own, with its own folder and port, started as `npm start` starts it. */
export interface Place {
  readonly dir: string;
  readonly port: number;
  /** Starts it and waits for its ready line. @throws with all it said when it ends before */
  start(): Promise<Launched>;
  /** Ids of processes that belong to it, by what they were started with. */
  processes(): Promise<number[]>;
  remove(): Promise<void>;
}

export interface Launched {
  /** The one-time link of the ready line. */
  readonly link: string;
  readonly url: string;
  /** From the command to its ready line (ms). */
  readonly tookMs: number;
  output(): string;
  /** By name, as `.tape/pids.json` has them now. */
  pids(): Promise<Record<string, number>>;
  /** Ctrl-C, as a terminal sends it: to the whole group in the foreground. @returns its exit code */
  interrupt(): Promise<number | null>;
}

const READY = /^Tape is ready: (http:\/\/\S+\/sign-in\?token=\S+)$/m;

export async function makePlace(): Promise<Place> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "tape-start-"));
  // The database server runs as somebody else when this is root.
  await chmod(dir, 0o755);
  const port = await freePort();
  const running = new Set<Launched>();

  return {
    dir,
    port,
    start: async () => {
      const launched = await launch(dir, port);
      running.add(launched);
      return launched;
    },
    processes: () => processesOf(dir),
    remove: async () => {
      for (const launched of running) await launched.interrupt();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(dir: string, port: number): Promise<Launched> {
  const began = performance.now();
  const own = { TAPE_DIR: dir, PORT: String(port), HOST: "", DATABASE_URL: "", TAPE_CONFIG: "", TAPE_URL: "", BANK_URL: "", BANK_PORT: "", TAPE_LOG: "", NODE_ENV: "" };
  const child = spawn(process.execPath, [path.join(REPOSITORY, "apps/cli/bin/start.mjs")], { cwd: REPOSITORY, env: { ...process.env, ...own }, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let isEnded = false;
  void ended.then(() => (isEnded = true));

  const link = await until("the ready line", () => {
    if (isEnded) throw new Error(`npm start ended before it was ready:\n${output}`);
    return READY.exec(output)?.[1];
  }, 240_000);
  return {
    link,
    url: new URL(link).origin,
    tookMs: performance.now() - began,
    output: () => output,
    pids: async () => JSON.parse(await readFile(path.join(dir, "pids.json"), "utf8")) as Record<string, number>,
    interrupt: () => {
      if (!isEnded && child.pid !== undefined) process.kill(-child.pid, "SIGINT");
      return ended;
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Everything that names the folder in its command or environment. Linux alone tells; elsewhere it finds nothing. */
async function processesOf(dir: string): Promise<number[]> {
  const ids = (await readdir("/proc").catch(() => [])).map(Number).filter((id) => id > 0 && id !== process.pid);
  const named = await Promise.all(
    ids.map(async (id) => {
      const texts = await Promise.all(["cmdline", "environ"].map((name) => readFile(`/proc/${id}/${name}`, "utf8").catch(() => "")));
      return texts.some((text) => text.includes(dir));
    }),
  );
  return ids.filter((_, at) => named[at]);
}
