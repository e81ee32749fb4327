import { defineQuery } from '../database/query.ts';

/** Keeps others from giving out groups until the end of the transaction. */
export const lockRegistration = defineQuery('sync/lock-registration');
/** Puts mailboxes of a provider that are in no group into groups with room: of which provider, how many in one. */
export const assignGroups = defineQuery('sync/assign-groups', { params: ['text', 'integer'] });
