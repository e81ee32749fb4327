import type { EwsMailboxAddress } from '../calendar-item.ts';
import type { EwsCaller } from '../ews-caller.ts';
import { readMailboxAddress } from '../read-mailbox-address.ts';

/** GetRoomLists: none when no administrator made any. */
export async function getRoomLists(
  caller: EwsCaller,
  mailbox: string,
  signal: AbortSignal | undefined,
): Promise<EwsMailboxAddress[]> {
  const answer = await caller.callForOne({ operation: 'GetRoomLists', mailbox, body: {}, signal });
  return (answer.child('m:RoomLists')?.children ?? []).map(readMailboxAddress);
}

/** GetRooms: the rooms of one list; none when it is no room list (any more). */
export async function getRooms(
  caller: EwsCaller,
  mailbox: string,
  roomList: string,
  signal: AbortSignal | undefined,
): Promise<EwsMailboxAddress[]> {
  const [answer] = await caller.call({
    operation: 'GetRooms',
    mailbox,
    body: { RoomList: { EmailAddress: roomList } },
    signal,
  });
  if (answer === undefined) throw new Error('a checked reply holds one answer');
  if (!answer.ok) {
    if (answer.error.responseCode !== 'ErrorNameResolutionNoResults') throw answer.error;
    return [];
  }
  const rooms = answer.element.child('m:Rooms')?.children ?? [];
  return rooms.flatMap((room) => {
    const id = room.child('t:Id');
    return id === undefined ? [] : [readMailboxAddress(id)];
  });
}
