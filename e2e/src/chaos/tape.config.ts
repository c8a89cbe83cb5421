import { defineConfig } from "@tape/sdk";
import { storm, tape } from "./agents.ts";

export default defineConfig({ tape, agents: [storm] });
