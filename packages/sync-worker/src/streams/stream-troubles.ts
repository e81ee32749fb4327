/**
 * Which sync groups lack a stream, by provider and reason: people read of each reason when it begins and when it is over,
 * and not once per group.
 */
export class StreamTroubles {
  readonly #groups = new Map<string, Set<string>>();

  /** A group lost its stream, or could not get one. @returns whether it is the only one of its provider with this reason */
  lost(group: string, reason: string): boolean {
    this.back(group);
    const trouble = `${providerOf(group)} ${reason}`;
    const groups = this.#groups.get(trouble) ?? new Set();
    this.#groups.set(trouble, groups.add(group));
    return groups.size === 1;
  }

  /** A group has a stream, or is no longer listened to here. @returns whether a trouble is over with that */
  back(group: string): boolean {
    let isOver = false;
    for (const [trouble, groups] of this.#groups) {
      if (!groups.delete(group) || groups.size > 0) continue;
      this.#groups.delete(trouble);
      isOver = true;
    }
    return isOver;
  }
}

/** A group is named after its provider and a number. */
function providerOf(group: string): string {
  return group.slice(0, group.lastIndexOf('/'));
}
