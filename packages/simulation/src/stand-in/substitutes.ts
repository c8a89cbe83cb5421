/** What a module of the engine gets in the place of what it imports. */
export interface Substitute {
  /** A pattern of the importing file's path. */
  importedBy: string;
  specifier: string;
  /** A file beside this one. */
  by: string;
}

/** Everything that is not the real code: the database's verbs, and the thread of the presence. */
export const SUBSTITUTES: readonly Substitute[] = [
  { importedBy: "/packages/(worker|sdk)/src/", specifier: "@tape/store", by: "index.ts" },
  { importedBy: "/packages/worker/src/presence/presence\\.ts$", specifier: "./thread.ts", by: "presence-thread.ts" },
];
