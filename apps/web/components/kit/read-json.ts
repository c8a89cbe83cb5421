/** What was written in a field for JSON: nothing, a value, or what is wrong with it. */
export function readJson(text: string): { value: unknown; error: string | null } {
  if (text.trim() === "") return { value: undefined, error: null };
  try {
    return { value: JSON.parse(text) as unknown, error: null };
  } catch (error) {
    return { value: undefined, error: `This is not JSON yet: ${error instanceof Error ? error.message : "it does not parse"}` };
  }
}
