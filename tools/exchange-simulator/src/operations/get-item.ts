import { readItemShape, writeCalendarItem } from '../properties/item-shape.ts';
import { checkSequence, requiredChild, requiredList } from '../soap/check-sequence.ts';
import type { XmlElement } from '../soap/xml-element.ts';
import { m, type XmlNode } from '../soap/xml-node.ts';
import type { Person } from '../store/calendar-item.ts';
import { nameInItem } from '../store/directory.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { resolveItem } from './resolve-item.ts';

/** GetItem: one response message per id, in request order. */
export function getItem(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, ['ItemShape', 'ItemIds']);
  const shape = readItemShape(requiredChild(request, 'ItemShape'), context.version);
  const { zone, version, organization, receivedAddresses } = context;
  const nameOf = (person: Person, isReceived: boolean) =>
    nameInItem(organization, person, isReceived ? receivedAddresses : 'asWritten');
  return answerEach('GetItem', requiredList(request, 'ItemIds'), (id) => {
    const view = resolveItem(id, context);
    return [m('Items', writeCalendarItem(view, shape, { zone, version, light: false, nameOf }))];
  });
}
