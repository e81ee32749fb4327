import { z } from 'zod';
import { flagField, idField, numberField, textField } from './reply-fields.ts';
import { canonicalTrueConfId } from './trueconf-id.ts';
import type { TrueConfUser } from './trueconf-user.ts';

const notActive = -2;

/** Parser of a v3.x user; ids come out canonical for this server. */
export function userReply(serverId: string) {
  return z
    .object({
      id: idField,
      uid: textField,
      login_name: textField,
      email: textField,
      display_name: textField,
      is_active: flagField,
      status: numberField,
    })
    .transform(
      (raw): TrueConfUser => ({
        id: canonicalTrueConfId(raw.id, serverId),
        uid: raw.uid,
        loginName: raw.login_name,
        email: raw.email,
        displayName: raw.display_name,
        isActive: raw.is_active ?? raw.status !== notActive,
        status: raw.status,
      }),
    );
}

/** A page of `GET /users`; `nextPage` is null after the last one. */
export function usersPageReply(serverId: string) {
  return z.object({ users: z.array(userReply(serverId)), next_page_id: numberField }).transform((raw) => ({
    users: raw.users,
    nextPage: raw.next_page_id === null || raw.next_page_id < 0 ? null : raw.next_page_id,
  }));
}
