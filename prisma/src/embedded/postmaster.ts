import { execFile } from "node:child_process";
import { readFile, realpath, rm } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";

export interface Postmaster {
  pid: number;
  port: number;
}

/** Whether something accepts connections on this loopback port. */
export function answers(port: number, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: "127.0.0.1", port });
    const settle = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

/** A port free at this moment: the wanted one if it is, else any. */
export async function freePort(wanted = 0): Promise<number> {
  const probe = net.createServer();
  try {
    return await new Promise<number>((resolve, reject) => {
      probe.once("error", reject);
      probe.listen(wanted, "127.0.0.1", () => resolve((probe.address() as net.AddressInfo).port));
    });
  } catch (error) {
    if (wanted === 0) throw error;
    return await freePort();
  } finally {
    probe.close();
  }
}

/** What the lock file claims: process id, data folder, start time, port and, in the eighth line, how far it is. */
async function readLock(dataDir: string): Promise<(Postmaster & { dataDir: string; isReady: boolean }) | undefined> {
  const text = await readFile(lockFile(dataDir), "utf8").catch(() => "");
  const [pid = 0, claimedDir = "", , port = 0, , , , status = ""] = text.split("\n");
  if (!(Number(pid) > 0)) return undefined;
  const claimed = await realpath(claimedDir).catch(() => claimedDir);
  return { pid: Number(pid), port: Number(port), dataDir: claimed, isReady: status.trim() === "ready" };
}

const lockFile = (dataDir: string) => path.join(dataDir, "postmaster.pid");

/** The command line of a process, `undefined` when it does not exist. */
async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") {
    return await readFile(`/proc/${pid}/cmdline`, "utf8").then((text) => text || undefined, () => undefined);
  }
  if (process.platform === "win32") {
    try {
      process.kill(pid, 0);
      return "postgres";
    } catch {
      return undefined;
    }
  }
  return await promisify(execFile)("ps", ["-o", "args=", "-p", String(pid)]).then((out) => out.stdout, () => undefined);
}

/**
 * The server that runs on this data folder, if one does. A lock file whose process id now belongs to some other
 * program (a reboot, a container started anew), or that was copied with its folder, counts as no server.
 */
export async function runningPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const lock = await readLock(dataDir);
  if (!lock || lock.dataDir !== (await realpath(dataDir))) return undefined;
  return (await commandOf(lock.pid))?.includes("postgres") ? { pid: lock.pid, port: lock.port } : undefined;
}

/** The same once it takes connections: another process may have started it a moment ago, or it may be recovering. */
export async function readyPostmaster(dataDir: string, timeoutMs = 120_000): Promise<Postmaster | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const running = await runningPostmaster(dataDir);
    if (!running || (await readLock(dataDir))?.isReady || performance.now() > deadline) return running;
    await setTimeout(50);
  }
}

/** Removes a lock that PostgreSQL itself would take for a live server. One whose process is gone it handles alone. */
export async function removeForeignLock(dataDir: string): Promise<void> {
  const lock = await readLock(dataDir);
  if (!lock || (await runningPostmaster(dataDir))) return;
  if (await commandOf(lock.pid)) await rm(lockFile(dataDir), { force: true });
}
