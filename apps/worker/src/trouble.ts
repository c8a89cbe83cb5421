/** What keeps the worker from starting, in one line that says what to do. */
export class Trouble extends Error {
  override readonly name = "Trouble";
}
