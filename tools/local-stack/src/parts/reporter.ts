/** What the stack tells: lines for people, or one ready line for a program (`--json`); never both. */
export class Reporter {
  readonly #json: boolean;

  constructor(json: boolean) {
    this.#json = json;
  }

  /** One line when a stage is done. */
  stage(name: string, detail: string): void {
    if (!this.#json) console.log(`  ✓ ${name.padEnd(22)} ${detail}`);
  }

  line(text = ''): void {
    if (!this.#json) console.log(text);
  }

  /** A live line: something happened just now. */
  live(kind: string, text: string): void {
    if (!this.#json) console.log(`${new Date().toLocaleTimeString('en-GB')}  ${kind.padEnd(10)} ${text}`);
  }

  /** The line that an outside program waits for. */
  ready(facts: object): void {
    if (this.#json) console.log(JSON.stringify(facts));
  }

  /** What is wrong, on standard error. */
  problem(text: string): void {
    console.error(text);
  }
}
