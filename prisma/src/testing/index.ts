export { createTestDatabase, type TestDatabase } from "./database.ts";
export { startTestServer, type TestServer, type TestServerOptions } from "./server.ts";
