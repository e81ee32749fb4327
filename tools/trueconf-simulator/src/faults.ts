import { z } from 'zod';

/** What the control API accepts as a fault; README.md explains the fields. */
export const faultInput = z
  .object({
    route: z.string().default('*'),
    cid: z.string().optional(),
    /** How many requests meet it; null = until removed. */
    times: z.int().positive().nullable().default(1),
    /** How many matching requests pass untouched first. */
    skip: z.int().nonnegative().default(0),
    /** Before or after the request takes effect. */
    when: z.enum(['before', 'after']).default('before'),
    delayMs: z.number().min(0).max(600_000).default(0),
    kind: z
      .enum(['delay', 'status', 'html', 'cut', 'hang', 'hold', 'revokeToken', 'accessTokenInvalid', 'uniquenessRace'])
      .default('delay'),
    status: z.int().min(200).max(599).optional(),
    headers: z.record(z.string(), z.string()).default({}),
    body: z.unknown().optional(),
    /** Reason for a `status` fault without an own body. */
    reason: z.string().optional(),
  })
  .strict();

export type FaultInput = z.infer<typeof faultInput>;

/** A planned disturbance and how often it has struck. */
export class Fault {
  readonly id: number;
  readonly input: FaultInput;
  hits = 0;
  #skipped = 0;
  readonly #released: AbortController = new AbortController();

  constructor(id: number, input: FaultInput) {
    this.id = id;
    this.input = input;
  }

  /** Aborts when the fault is removed: held requests go on, hanging ones are cut. */
  get released(): AbortSignal {
    return this.#released.signal;
  }

  get used(): boolean {
    return this.input.times !== null && this.hits >= this.input.times;
  }

  meets(route: string, cid: string | null): boolean {
    if (this.released.aborted || this.used) return false;
    if (this.input.route !== '*' && this.input.route !== route) return false;
    if (this.input.cid !== undefined && this.input.cid !== cid) return false;
    if (this.#skipped < this.input.skip) {
      this.#skipped += 1;
      return false;
    }
    this.hits += 1;
    return true;
  }

  release(): void {
    this.#released.abort();
  }

  describe(): unknown {
    return { id: this.id, hits: this.hits, used: this.used, ...this.input };
  }
}

/** The planned faults, in the order in which they were given. */
export class Faults {
  #faults: Fault[] = [];
  #lastId = 0;

  add(input: FaultInput): Fault {
    this.#lastId += 1;
    const fault = new Fault(this.#lastId, input);
    this.#faults.push(fault);
    return fault;
  }

  /** The first fault that meets this request; it counts as a hit. */
  take(route: string, cid: string | null): Fault | null {
    return this.#faults.find((fault) => fault.meets(route, cid)) ?? null;
  }

  list(): Fault[] {
    return this.#faults;
  }

  remove(id: number): boolean {
    const fault = this.#faults.find((one) => one.id === id);
    fault?.release();
    this.#faults = this.#faults.filter((one) => one !== fault);
    return fault !== undefined;
  }

  clear(): void {
    for (const fault of this.#faults) fault.release();
    this.#faults = [];
  }
}
