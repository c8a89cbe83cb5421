import { defineConfig } from "@tape/sdk";
import { payBatch } from "./src/agents/pay-batch.ts";
import { tape } from "./src/agents/treasury.ts";

export default defineConfig({ tape, agents: [payBatch] });
