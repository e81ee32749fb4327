/** What a part of a worker tells on `/ops`; worked out whenever somebody asks. No secrets, subjects or bodies. */
export type OpsFacts = () => object | Promise<object>;

const ANSWER_WITHIN_MS = 2_000;

/** The facts that the parts of a worker show on `/ops`, each under its own name. */
export class OpsRoutes {
  readonly #facts = new Map<string, OpsFacts>();

  /** Shows what `facts` returns under `name`. @returns takes it off */
  add(name: string, facts: OpsFacts): () => void {
    this.#facts.set(name, facts);
    return () => {
      if (this.#facts.get(name) === facts) this.#facts.delete(name);
    };
  }

  /** All facts; a part that fails or takes longer than two seconds says so in its place. */
  async collect(): Promise<Record<string, object>> {
    const entries = await Promise.all(
      [...this.#facts].map(async ([name, facts]): Promise<[string, object]> => [name, await answer(facts)]),
    );
    return Object.fromEntries(entries);
  }
}

async function answer(facts: OpsFacts): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<object>((resolve) => {
    timer = setTimeout(() => resolve({ unavailable: `no answer within ${ANSWER_WITHIN_MS} ms` }), ANSWER_WITHIN_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(facts), late]);
  } catch (error) {
    return { unavailable: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
