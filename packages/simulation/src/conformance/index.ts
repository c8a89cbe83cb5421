export { hold, type Holding } from "./hold.ts";
export { mintId } from "./ids.ts";
export { openRealSide, type RealSide } from "./sides.ts";
export { replay, runHistory, tryEverything, type History, type Line, type Step } from "./history.ts";
export { histories } from "./histories.ts";
export { PREFIXES, type PrefixName } from "./prefix/index.ts";
export { Tally } from "./tally.ts";
