const DELIMITERS = [",", ";", "\t", "|"] as const;

/** The delimiter that splits the first line with something on it into most columns; a comma when none does. Quoted parts do not count. */
export function detectDelimiter(text: string): string {
  const first = text.split("\n").find((line) => line.trim() !== "") ?? "";
  const bare = first.replace(/"[^"]*"/g, "");
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}
