import { defineConfig } from "@tape/sdk";
import { tape } from "./app.ts";
import { escalating } from "./escalating.ts";
import { mayChange, twoGates, waiting, wayward } from "./gates.ts";
import { counting } from "./counting.ts";
import { every, everyChild } from "./every.ts";
import { holding } from "./long.ts";
import { clicked, fiveSteps, steps } from "./steps.ts";
import { moving } from "./transfer.ts";

export default defineConfig({ tape, agents: [waiting, holding, twoGates, mayChange, wayward, steps, fiveSteps, clicked, moving, counting, escalating, every, everyChild] });
