/** A token, or a function that gets one. It is asked once, and once again when the service refuses what it gave (401). */
export type TokenSource = string | (() => string | Promise<string>);

/** The token that calls are made with. Calls that need one at the same time ask for it together. */
export class Tokens {
  readonly #source: TokenSource | undefined;
  #present: Promise<string> | undefined;

  constructor(source: TokenSource | undefined) {
    this.#source = source;
  }

  get(): Promise<string> | string | undefined {
    const source = this.#source;
    if (typeof source !== 'function') return source;
    if (!this.#present) {
      const asked = Promise.resolve().then(source);
      this.#present = asked;
      // A failure is told to those who wait, and asked anew by those who come later.
      asked.catch(() => this.#forgetAsked(asked));
    }
    return this.#present;
  }

  /** Whether there may be another token than the one that was refused. */
  async renews(refused: string): Promise<boolean> {
    if (typeof this.#source !== 'function') return false;
    const present = this.#present;
    // Another call may have asked already.
    if (present && (await present.catch(() => refused)) === refused) this.#forgetAsked(present);
    return true;
  }

  #forgetAsked(asked: Promise<string>): void {
    if (this.#present === asked) this.#present = undefined;
  }
}
