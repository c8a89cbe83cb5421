import { well, wrong, type Finding } from "./finding.ts";

const OLDEST = [20, 19] as const;

export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return isOld ? wrong("Node", version, `Install Node ${OLDEST.join(".")} or newer from nodejs.org.`) : well("Node", version);
}
