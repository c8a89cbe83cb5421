import { defineConfig } from "prisma/config";

/** Prisma puts its own table where this says; ours is already there. */
function inOurSchema(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.set("schema", "tape");
  return url.href;
}

/** For developers who run Prisma's command line. Tape itself reads none of this. */
export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ? inOurSchema(process.env.DATABASE_URL) : "" },
});
