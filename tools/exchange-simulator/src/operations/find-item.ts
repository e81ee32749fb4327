import { EwsError, violationAt } from '../ews-error.ts';
import { type ItemShape, readItemShape, writeCalendarItem } from '../properties/item-shape.ts';
import {
  checkSequence,
  enumText,
  integerText,
  requiredAttribute,
  requiredChild,
  requiredList,
} from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { m, t, type XmlNode } from '../soap/xml-node.ts';
import { isCalendarFolder } from '../store/folder.ts';
import { type ItemView, viewOfItem } from '../store/item-view.ts';
import { occurrencesInWindow, overlaps } from '../store/series.ts';
import { readDateTime } from '../time/exchange-time.ts';
import { answerEach } from './per-element.ts';
import type { RequestContext } from './request-context.ts';
import { type ResolvedFolder, resolveFolder } from './resolve-folder.ts';
import { readRestriction } from './restriction.ts';
import { compareBy, readSortOrder } from './sort-order.ts';

const SEQUENCE = [
  'ItemShape', 'IndexedPageItemView', 'FractionalPageItemView', 'SeekToConditionPageItemView', 'CalendarView', 'ContactsView',
  'GroupBy', 'DistinguishedGroupBy', 'Restriction', 'SortOrder', 'ParentFolderIds', 'QueryString',
]; // biome-ignore format: a list

const MAX_SPAN_MS = 2 * 366 * 86_400_000;

/** FindItem: a CalendarView with series expanded, or the plain list of singles and masters. */
export function findItem(request: XmlElement, context: RequestContext): XmlNode[] {
  checkSequence(request, SEQUENCE);
  enumText(request, ['Shallow', 'SoftDeleted', 'Associated'], requiredAttribute(request, 'Traversal'));
  const shape = readItemShape(requiredChild(request, 'ItemShape'), context.version);
  const view = child(request, 'CalendarView');
  const folders = requiredList(request, 'ParentFolderIds');
  if (view !== undefined && (child(request, 'Restriction') ?? child(request, 'SortOrder')) !== undefined) {
    throw new EwsError(
      'ErrorRestrictionTooComplex',
      'Restrictions and sort order may not be specified for a CalendarView.',
      { fault: true },
    );
  }
  return answerEach('FindItem', folders, (element) => {
    const resolved = resolveFolder(element, context);
    return view === undefined
      ? listItems(resolved, request, shape, context)
      : viewCalendar(resolved, view, shape, context);
  });
}

function viewCalendar(
  resolved: ResolvedFolder,
  element: XmlElement,
  shape: ItemShape,
  context: RequestContext,
): XmlNode[] {
  if (!isCalendarFolder(resolved.folder)) {
    throw new EwsError(
      'ErrorCalendarFolderIsInvalidForCalendarView',
      'CalendarView can only be used for a calendar folder.',
    );
  }
  const from = readDateTime(element, context.zone, requiredAttribute(element, 'StartDate'));
  const to = readDateTime(element, context.zone, requiredAttribute(element, 'EndDate'));
  if (to < from) throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate', 'EndDate is earlier than StartDate.');
  if (to - from > MAX_SPAN_MS) {
    throw new EwsError(
      'ErrorCalendarViewRangeTooBig',
      'The specified view range exceeds the maximum range of two years.',
    );
  }
  const maximum = element.attributes.MaxEntriesReturned;
  const limit = maximum === undefined ? undefined : integerText(element, maximum, 1, 2_147_483_647);
  const found = [...viewsInWindow(resolved, from, to, context.settings.personality.expandsViews)].sort(
    (a, b) => a.properties.start - b.properties.start,
  );
  if (limit === undefined && found.length > context.findCountLimit) {
    throw new EwsError(
      'ErrorExceededFindCountLimit',
      'You have exceeded the maximum number of objects that can be returned for the find operation. Use paging to reduce the result size and try your request again.',
    );
  }
  const shown = found.slice(0, Math.min(limit ?? context.findCountLimit, context.findCountLimit));
  return [
    rootFolder(shown, shape, context, {
      TotalItemsInView: String(shown.length),
      IncludesLastItemInRange: String(shown.length === found.length),
    }),
  ];
}

function* viewsInWindow(
  { mailbox, folder }: ResolvedFolder,
  from: number,
  to: number,
  expands: boolean,
): Generator<ItemView> {
  for (const item of mailbox.itemsIn(folder.name)) {
    if (item.recurrence !== undefined && expands) {
      yield* occurrencesInWindow(mailbox, item, from, to);
    } else {
      const view = viewOfItem(mailbox, item);
      if (overlaps(view, from, to)) yield view;
    }
  }
}

function listItems(
  { mailbox, folder }: ResolvedFolder,
  request: XmlElement,
  shape: ItemShape,
  context: RequestContext,
): XmlNode[] {
  for (const unsupported of [
    'FractionalPageItemView',
    'SeekToConditionPageItemView',
    'GroupBy',
    'DistinguishedGroupBy',
    'QueryString',
  ]) {
    const element = child(request, unsupported);
    if (element !== undefined) throw violationAt(element, `The simulator does not imitate '${unsupported}'.`);
  }
  const matches = readRestriction(child(request, 'Restriction'));
  const order = readSortOrder(child(request, 'SortOrder'));
  const found = [...mailbox.itemsIn(folder.name)].map((item) => viewOfItem(mailbox, item)).filter(matches);
  if (order.length > 0) found.sort(compareBy(order));
  const page = child(request, 'IndexedPageItemView');
  const offset = page === undefined ? 0 : integerText(page, page.attributes.Offset ?? '0', 0, 2_147_483_647);
  const wanted = page?.attributes.MaxEntriesReturned;
  const limit = Math.min(wanted === undefined ? context.findCountLimit : Number(wanted), context.findCountLimit);
  const start = page?.attributes.BasePoint === 'End' ? Math.max(0, found.length - offset - limit) : offset;
  const shown = found.slice(start, start + limit);
  return [
    rootFolder(shown, shape, context, {
      IndexedPagingOffset: String(start + shown.length),
      TotalItemsInView: String(found.length),
      IncludesLastItemInRange: String(start + shown.length >= found.length),
    }),
  ];
}

function rootFolder(
  views: readonly ItemView[],
  shape: ItemShape,
  context: RequestContext,
  attributes: Record<string, string>,
): XmlNode {
  const writing = { zone: context.zone, version: context.version, light: true };
  return m(
    'RootFolder',
    t(
      'Items',
      views.map((view) => writeCalendarItem(view, shape, writing)),
    ),
    attributes,
  );
}
