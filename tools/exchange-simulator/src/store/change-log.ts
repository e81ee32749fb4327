import type { CalendarFolderName } from './calendar-item.ts';

export type ChangeKind = 'create' | 'update' | 'delete' | 'readFlag';

/** One entry of a mailbox's history. Sequence numbers count from 1 without gaps. */
export interface Change {
  readonly sequence: number;
  readonly kind: ChangeKind;
  readonly folder: CalendarFolderName;
  readonly itemNumber: number;
}

/** The ordered history of one mailbox, on which sync states are positions. */
export class ChangeLog {
  readonly #changes: Change[] = [];

  /** The sequence number of the newest change; 0 when nothing ever happened. */
  get head(): number {
    return this.#changes.length;
  }

  append(kind: ChangeKind, folder: CalendarFolderName, itemNumber: number): void {
    this.#changes.push({ sequence: this.#changes.length + 1, kind, folder, itemNumber });
  }

  /** Changes of one folder after `sequence`, oldest first. */
  *after(sequence: number, folder: CalendarFolderName): Generator<Change> {
    for (let index = sequence; index < this.#changes.length; index += 1) {
      const change = this.#changes[index]!;
      if (change.folder === folder) yield change;
    }
  }
}
