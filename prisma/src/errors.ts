/**
 * What can be wrong with the database itself, told in one line that says what to do next.
 *
 * - `database_not_running`: no `DATABASE_URL`, and no embedded server answers.
 * - `database_unsupported`: this machine or this server cannot be used as it is.
 * - `migration_conflict`: the recorded migrations and the files on disk disagree.
 * - `migration_failed`: a statement of a migration failed; nothing of it was kept.
 */
export type DatabaseErrorCode = "database_not_running" | "database_unsupported" | "migration_conflict" | "migration_failed";

export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DatabaseError";
    this.code = code;
  }
}
