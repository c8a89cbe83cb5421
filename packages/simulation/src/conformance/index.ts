export { hold, type Holding } from "./hold.ts";
export { openRealSide, type RealSide } from "./sides.ts";
export { replay, tryEverything, type History, type Line, type Step } from "./history.ts";
export { PREFIXES, type PrefixName } from "./prefix/index.ts";
export { Tally } from "./tally.ts";
