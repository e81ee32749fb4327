import { EwsError } from '../ews-error.ts';
import { readAddress, writeAddress } from '../properties/people-xml.ts';
import { checkSequence, requiredChild } from '../soap/check-sequence.ts';
import { errorMessage, successMessage } from '../soap/write-envelope.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import { findRecipient, personOf } from '../store/directory.ts';
import type { RequestContext } from './request-context.ts';

/** GetRoomLists: the lists that an administrator made room lists. */
export function getRoomLists(request: XmlElement, { organization }: RequestContext): XmlNode[] {
  checkSequence(request, []);
  const lists = organization.lists().filter(({ isRoomList }) => isRoomList);
  const addresses = lists.map(({ displayName: name, address }) =>
    writeAddress('Address', { name, address, routingType: 'SMTP', mailboxType: 'PublicDL' }),
  );
  return [successMessage('GetRoomLists', [m('RoomLists', addresses)])];
}

/** GetRooms: the rooms of one room list. */
export function getRooms(request: XmlElement, { organization }: RequestContext): XmlNode[] {
  checkSequence(request, ['RoomList']);
  const list = organization.listByAnyAddress(readAddress(requiredChild(request, 'RoomList')));
  if (list === undefined || !list.isRoomList) {
    return [errorMessage('GetRooms', new EwsError('ErrorNameResolutionNoResults', 'There is no such room list.'))];
  }
  const rooms = list.members.flatMap((address) => {
    const member = findRecipient(organization, address);
    return member?.mailbox?.identity.isRoom === true ? [personOf(member)] : [];
  });
  const entries = rooms.map((room) => t('Room', writeAddress('Id', room)));
  return [successMessage('GetRooms', [m('Rooms', entries)])];
}
