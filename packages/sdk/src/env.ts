/** Where the database is looked for when nobody says it: the environment, then the folders above. */
export function surroundings(): { env: Record<string, string | undefined>; cwd: string } {
  return { env: process.env, cwd: process.cwd() };
}
