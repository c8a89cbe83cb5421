// A worker as `npm start` starts it, whose boundaries are counted from its first statement on.
import "./count.ts";

await import("../../../apps/worker/src/main.ts");
