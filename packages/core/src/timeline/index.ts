export { extendTimeline, timeline } from "./timeline.ts";
export { emptyTimeline, type TimelineState } from "./draft.ts";
export * from "./item.ts";
export { escalatedFrom } from "./escalation.ts";
export { foldWaits, type FoldOptions, type Gap, type ItemRow, type TimelineRow } from "./fold-waits.ts";
export { layout, type LaidRow, type Layout, type LayoutOptions } from "./layout.ts";
