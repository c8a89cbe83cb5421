export { extendTimeline, timeline } from "./timeline.ts";
export { emptyTimeline, type TimelineState } from "./draft.ts";
export * from "./item.ts";
