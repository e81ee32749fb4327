import type { WorkerName } from 'stack-driver';

/** One kill -9, and what the worker had in hand when it died. */
export interface Kill {
  readonly worker: WorkerName;
  readonly instance: number;
  /** What was caught: `create`, `run` (claims), `sync` (lease), `delivery`. */
  readonly caught: string;
  /** Whether what it held was still unconfirmed after its death, as the database or the client shows. */
  readonly between: boolean;
}

/** Counts kills. */
export class KillLog {
  readonly kills: Kill[] = [];

  add(kill: Kill): void {
    this.kills.push(kill);
  }

  /** Kills of a kind of worker that landed between taking something in hand and confirming it. */
  between(worker: WorkerName): number {
    return this.kills.filter((kill) => kill.worker === worker && kill.between).length;
  }

  /** Rows for `console.table`. */
  table(): Record<string, { kills: number; between: number }> {
    const rows: Record<string, { kills: number; between: number }> = {};
    for (const { worker, caught, between } of this.kills) {
      const name = `${worker}: ${caught}`;
      const row = rows[name] ?? { kills: 0, between: 0 };
      rows[name] = { kills: row.kills + 1, between: row.between + (between ? 1 : 0) };
    }
    return rows;
  }
}
