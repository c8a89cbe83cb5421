// Loaded into every child before its own code. File descriptor 3 is a pipe the launcher holds open: when it closes
// without a word, the launcher was killed, and nobody is left to stop this process.
import net from "node:net";

const GRACE_MS = 30_000;

const lifeline = new net.Socket({ fd: 3, readable: true, writable: false });
lifeline.on("error", () => {});
lifeline.once("close", () => {
  process.kill(process.pid, "SIGTERM");
  setTimeout(() => process.kill(process.pid, "SIGKILL"), GRACE_MS).unref();
});
lifeline.resume();
lifeline.unref();
