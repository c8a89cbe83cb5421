import { defineConfig } from "prisma/config";

/** For developers who run Prisma's command line. Tape itself reads none of this. */
export default defineConfig({
  schema: "schema.prisma",
  migrations: { path: "migrations" },
  datasource: { url: process.env.DATABASE_URL ?? "" },
});
