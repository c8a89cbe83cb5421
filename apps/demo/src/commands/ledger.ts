import { formatMoney } from "@tape/core";
import { resolveDatabaseUrl } from "@tape/prisma";
import { openStore } from "@tape/store";
import type { Command } from "commander";
import { sayProof, type Proof } from "../proof/compare.ts";
import { prove } from "../proof/prove.ts";
import type { DemoContext } from "./run.ts";

interface Options {
  ledger: string;
  lines?: true;
  json?: true;
}

export function addLedger(program: Command, context: DemoContext): void {
  program
    .command("ledger")
    .description("prove that the bank's ledger equals the journal; exits 1 with a line per difference")
    .option("--ledger <file>", "the ledger's file", context.env.place.ledgerFile)
    .option("--lines", "print each line of the ledger, with what the journal says of it")
    .option("--json", "print JSON")
    .action(async ({ ledger, lines, json }: Options) => {
      const store = openStore({ connectionString: await resolveDatabaseUrl(context.env.surroundings), applicationName: "tape demo", max: 2 });
      try {
        const proof = await prove(store, ledger);
        if (json) context.print(JSON.stringify(proof, null, 2));
        else print(context, proof, lines ?? false);
        context.exitCode = proof.equal ? 0 : 1;
      } finally {
        await store.close();
      }
    });
}

function print({ print: line }: DemoContext, proof: Proof, withLines: boolean): void {
  for (const { id, amount, creditor, reverses, journal, key } of withLines ? proof.lines : []) {
    const what = reverses === null ? `to ${creditor}` : `back from ${creditor}, reverses ${reverses}`;
    line(`${id}  ${formatMoney(amount).padStart(16)}  ${what}  ${journal}  ${key}`);
  }
  for (const { kind, key, says } of proof.differences) line(`${kind}  ${key}  ${says}`);
  line(sayProof(proof));
}
