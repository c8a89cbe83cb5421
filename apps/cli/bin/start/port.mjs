import net from "node:net";
import { Trouble } from "./trouble.mjs";

function listen(port, host) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(port, host, () => probe.close(resolve));
  });
}

export async function ensurePortIsFree({ port, host }) {
  await listen(port, host).catch((error) => {
    if (error.code === "EADDRINUSE") throw new Trouble(`Port ${port} is taken: stop what uses it, or start with PORT=${port + 1} npm start.`);
    if (error.code === "EACCES") throw new Trouble(`Port ${port} needs more rights than you have: start with PORT=3000 npm start.`);
    throw new Trouble(`Cannot listen on ${host}:${port} (${error.code}): set HOST to an address of this machine, or leave it empty.`);
  });
}
