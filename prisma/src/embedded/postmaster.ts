import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
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

/** What the lock file claims: process id, data folder, start time and port, a line each. */
async function claimedPostmaster(dataDir: string): Promise<Postmaster | undefined> {
  const lines = await readFile(path.join(dataDir, "postmaster.pid"), "utf8").then((text) => text.split("\n"), () => []);
  const [pid = 0, claimedDir = "", , port = 0] = lines;
  if (!(Number(pid) > 0)) return undefined;
  const [claimed, actual] = await Promise.all([realpath(claimedDir).catch(() => claimedDir), realpath(dataDir)]);
  return claimed === actual ? { pid: Number(pid), port: Number(port) } : undefined;
}

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
  const claimed = await claimedPostmaster(dataDir);
  if (!claimed) return undefined;
  const command = await commandOf(claimed.pid);
  return command?.includes("postgres") ? claimed : undefined;
}
