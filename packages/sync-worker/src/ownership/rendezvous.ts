import { rendezvousWeight } from '../rendezvous-weight.ts';

/**
 * The groups that one of several workers owns (highest random weight): every worker comes to the same answer alone, and
 * one that joins or leaves moves only its own share.
 *
 * @param workers ids of all live workers; the asking one counts as live even when it is not listed yet
 */
export function ownedGroups(groups: readonly string[], workers: readonly string[], self: string): string[] {
  const rivals = workers.filter((worker) => worker !== self);
  return groups.filter((group) => rivals.every((rival) => beats(self, rival, group)));
}

function beats(a: string, b: string, group: string): boolean {
  const [mine, theirs] = [rendezvousWeight(a, group), rendezvousWeight(b, group)];
  return mine === theirs ? a > b : mine > theirs;
}
