/** Something a person can mend: its message is one line that says what to do, and is printed without a stack. */
export class Trouble extends Error {
  name = "Trouble";
}
