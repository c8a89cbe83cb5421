import { defineConfig } from "@tape/sdk";
import { chaseInvoice } from "./src/agents/chase-invoice.ts";
import { payBatch } from "./src/agents/pay-batch.ts";
import { reconcileBalances } from "./src/agents/reconcile-balances.ts";
import { tape } from "./src/agents/treasury.ts";

export default defineConfig({ tape, agents: [payBatch, chaseInvoice, reconcileBalances] });
