import { count, formatMoney } from "@tape/core";
import { resolveDatabaseUrl } from "@tape/prisma";
import { openStore } from "@tape/store";
import type { Command } from "commander";
import type { Proof } from "../proof/compare.ts";
import { prove } from "../proof/prove.ts";
import type { DemoContext } from "./run.ts";

interface Options {
  ledger: string;
  json?: true;
}

export function addLedger(program: Command, context: DemoContext): void {
  program
    .command("ledger")
    .description("prove that the bank's ledger equals the journal; exits 1 with a line per difference")
    .option("--ledger <file>", "the ledger's file", context.env.place.ledgerFile)
    .option("--json", "print JSON")
    .action(async ({ ledger, json }: Options) => {
      const store = openStore({ connectionString: await resolveDatabaseUrl(context.env.surroundings), applicationName: "tape demo", max: 2 });
      try {
        const proof = await prove(store, ledger);
        if (json) context.print(JSON.stringify(proof, null, 2));
        else print(context, proof);
        context.exitCode = proof.equal ? 0 : 1;
      } finally {
        await store.close();
      }
    });
}

function print({ print: line }: DemoContext, { equal, booked, confirmed, totals, differences }: Proof): void {
  for (const { kind, key, says } of differences) line(`${kind}  ${key}  ${says}`);
  const sum = totals.length === 0 ? "" : `, ${totals.map(formatMoney).join(" and ")}`;
  if (equal) line(`The ledger equals the journal: ${count(booked, "wire")}${sum}, each booked once and confirmed.`);
  else line(`The ledger differs from the journal in ${count(differences.length, "place")}: ${booked} booked${sum}, ${confirmed} confirmed.`);
}
