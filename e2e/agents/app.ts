import { createTape } from "@tape/sdk";

/** The app that the agents of these tests belong to. */
export const tape = createTape({ app: "e2e" });
