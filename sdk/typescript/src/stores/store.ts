// Where the queue and the bundle keep things: a few operations, each of them whole or not at all, also when the program is
// killed in the middle of one.

/** JSON values, and bytes. */
export type Storable = Uint8Array | string | number | boolean | null | object;

export interface Store {
  /** Two stores of one name hold the same entries. */
  readonly name: string;
  get<T extends Storable>(key: string): Promise<T | undefined>;
  /** The keys that begin with a prefix, in their order. */
  keys(prefix: string): Promise<string[]>;
  /**
   * Reads and writes one entry with nobody in between; durable when it resolves. `change` gets what is there and gives what shall
   * be there; undefined means nothing in both directions. What it throws is passed on, and nothing changes.
   */
  update<T extends Storable>(key: string, change: (old: T | undefined) => T | undefined): Promise<T | undefined>;
}

/** Runs one at a time, in the order in which they are asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  next<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
