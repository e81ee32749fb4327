/**
 * What ExpandDL tells of a list: `visible` its members, `hidden` none although it has some (readers may not see the
 * membership), `dynamic` nothing, since it is a query and has no members of its own.
 */
export const LIST_MEMBERSHIPS = ['visible', 'hidden', 'dynamic'] as const;
export type ListMembership = (typeof LIST_MEMBERSHIPS)[number];

/** A distribution list of the directory. */
export interface DistributionList {
  readonly address: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
  readonly legacyDn: string;
  /** Addresses of mailboxes, of other lists (itself even), and of people without a mailbox here. */
  readonly members: readonly string[];
  readonly membership: ListMembership;
  /** An administrator made it a list of rooms. */
  readonly isRoomList: boolean;
}
