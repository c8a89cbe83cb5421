import { expect, test } from "vitest";
import { createTestDatabase } from "./database.ts";

test("a test database is migrated, empty and one's own", async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await one.pool().query("insert into users (id, name, email) values ('u', 'Ada', 'ada@example.com')");
  const { rows } = await other.pool().query("select count(*) as n from users");
  expect(rows).toEqual([{ n: 0 }]);
  await Promise.all([one.drop(), other.drop()]);
  await one.drop();
});
