import { afterAll, beforeAll, expect, test } from "vitest";
import { createPrisma } from "./client.ts";
import { createTestDatabase, type TestDatabase } from "./testing/index.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const inAnHour = () => new Date(Date.now() + 3_600_000);

test("accounts are written and read in our schema, over a pool and over a URL", async () => {
  const overPool = createPrisma(database.pool());
  const ada = await overPool.user.create({
    data: { id: "user_1", name: "Ada", email: "ada@example.com", sessions: { create: { id: "session_1", token: "t", expiresAt: inAnHour() } } },
  });
  expect(ada).toMatchObject({ role: "viewer", emailVerified: false });

  const overUrl = createPrisma(database.url);
  expect(await overUrl.session.findUnique({ where: { token: "t" }, include: { user: true } })).toMatchObject({ user: { id: "user_1" } });
  await overUrl.user.delete({ where: { id: "user_1" } });
  expect(await overPool.session.count()).toBe(0);
  await overUrl.$disconnect();
});

test("a transaction that throws leaves nothing", async () => {
  const prisma = createPrisma(database.pool());
  const write = prisma.$transaction(async (tx) => {
    await tx.user.create({ data: { id: "user_2", name: "Grace", email: "grace@example.com" } });
    throw new Error("changed my mind");
  });
  await expect(write).rejects.toThrow("changed my mind");
  expect(await prisma.user.count()).toBe(0);
});
