export { startEmbedded, type EmbeddedServer, type StartEmbeddedOptions } from "./start.ts";
export { stopEmbedded, type StopEmbeddedOptions } from "./stop.ts";
