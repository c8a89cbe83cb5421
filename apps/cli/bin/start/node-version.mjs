import { Trouble } from "./trouble.mjs";

const OLDEST = [20, 19];

/** Written so that an old Node gets as far as saying that it is old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (isOld) throw new Trouble(`Tape needs Node ${OLDEST.join(".")} or newer, and this is ${version}: install a newer one from nodejs.org.`);
}
