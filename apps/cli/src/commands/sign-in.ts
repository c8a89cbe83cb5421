import { ROLES, type Role } from "@tape/core";
import { Option, type Command } from "commander";
import type { Context } from "../context.ts";
import { UsageError } from "../exit.ts";

interface Options {
  email?: string;
  role?: Role;
  url?: string;
}

export function addSignIn(program: Command, context: Context): void {
  program
    .command("sign-in")
    .description("print a link that signs you in once, within an hour; earlier links are void")
    .option("--email <email>", "who; the owner of this Tape when left out")
    .addOption(new Option("--role <role>", "add the person, or change what they may do").choices(ROLES))
    .option("--url <url>", "where the console is; by HOST and PORT when left out")
    .action(
      context.alone(async ({ email, role, url = context.env.consoleUrl }: Options) => {
        if (context.env.remote !== null) throw new UsageError("A sign-in link is made where the database is: run this there, without TAPE_URL.");
        if (!URL.canParse(url)) throw new UsageError("--url is an address like http://127.0.0.1:3000.");
        const [{ createSignInLink }, { openLocalStore }] = await Promise.all([import("@tape/store"), import("../backend/store.ts")]);
        const store = await openLocalStore(context.env);
        try {
          context.terminal.print(await createSignInLink({ pool: store.pool, url, email, role }));
        } finally {
          await store.close();
        }
      }),
    );
}
