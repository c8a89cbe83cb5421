export { resolveDatabaseUrl, type Surroundings } from "./connection.ts";
export { DatabaseError, type DatabaseErrorCode } from "./errors.ts";
export { migrate, type MigrateOptions } from "./migrate.ts";
export { clientConfig, createPool, SCHEMA, type PoolOptions } from "./pool.ts";
