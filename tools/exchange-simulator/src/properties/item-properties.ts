import { encodeChangeKey, encodeFolderId, encodeItemId } from '../ids.ts';
import { booleanText, enumText, integerText } from '../soap/check-sequence.ts';
import { childrenNamed } from '../soap/xml-element.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import { IMPORTANCES, type ItemBody, SENSITIVITIES } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import { writeDateTime } from '../time/exchange-time.ts';
import { htmlOfText, textOfHtml } from './body-text.ts';
import { lightString, type PropertyDefinition, type WriteContext } from './property-definition.ts';

/** `t:ItemId` of a view; an occurrence shares the change key of its master (docs/reference/exchange.md §5.5). */
export function writeItemId(view: ItemView, name = 'ItemId'): XmlNode {
  return t(name, [], {
    Id: encodeItemId({ mailboxGuid: view.mailbox.identity.guid, number: view.item.number, day: view.occurrence?.day }),
    ChangeKey: encodeChangeKey(view.item.changeKey),
  });
}

function writeBody(name: string, body: ItemBody, wanted: WriteContext['bodyType']): XmlNode {
  const type = wanted === 'Best' ? body.type : wanted;
  let content = body.content;
  if (type === 'Text' && body.type === 'HTML') content = textOfHtml(content);
  if (type === 'HTML' && body.type === 'Text') content = htmlOfText(content);
  return t(name, content, { BodyType: type });
}

const EMPTY_BODY: ItemBody = { type: 'Text', content: '' };

function boolean(name: string, value: boolean): XmlNode {
  return t(name, String(value));
}

function parentFolderId(view: ItemView): XmlNode {
  const folder = view.mailbox.folder(view.item.folder);
  const id = encodeFolderId({ mailboxGuid: view.mailbox.identity.guid, number: folder?.number ?? 0 });
  return t('ParentFolderId', [], { Id: id, ChangeKey: encodeChangeKey(folder?.number ?? 0) });
}

/** The `item:` properties before and after ExtendedProperty, in the order of the schema. */
export const ITEM_PROPERTIES: readonly PropertyDefinition[] = [
  { uri: 'item:ItemId', element: 'ItemId', findable: true, inDefaultShape: true, write: (view) => writeItemId(view) },
  {
    uri: 'item:ParentFolderId',
    element: 'ParentFolderId',
    findable: true,
    inDefaultShape: false,
    write: parentFolderId,
  },
  {
    uri: 'item:ItemClass',
    element: 'ItemClass',
    findable: true,
    inDefaultShape: false,
    write: (view) => {
      const occurrence = view.kind === 'Occurrence' || view.kind === 'Exception';
      return t('ItemClass', occurrence ? 'IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}' : 'IPM.Appointment');
    },
    // Stored class is always that of an appointment.
    read: () => {},
  },
  {
    uri: 'item:Subject',
    element: 'Subject',
    findable: true,
    inDefaultShape: true,
    write: ({ properties }, context) =>
      properties.subject === undefined ? undefined : t('Subject', lightString(properties.subject, context)),
    read: (element, draft) => {
      draft.properties.subject = element.text;
    },
    clear: (draft) => {
      draft.properties.subject = undefined;
    },
  },
  {
    uri: 'item:Sensitivity',
    element: 'Sensitivity',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) => t('Sensitivity', properties.sensitivity),
    read: (element, draft) => {
      draft.properties.sensitivity = enumText(element, SENSITIVITIES);
    },
    clear: (draft) => {
      draft.properties.sensitivity = 'Normal';
    },
  },
  {
    uri: 'item:Body',
    element: 'Body',
    findable: false,
    inDefaultShape: true,
    write: ({ properties }, context) => writeBody('Body', properties.body ?? EMPTY_BODY, context.bodyType),
    read: (element, draft) => {
      draft.properties.body = { type: element.attributes.BodyType === 'Text' ? 'Text' : 'HTML', content: element.text };
    },
    clear: (draft) => {
      draft.properties.body = undefined;
    },
  },
  {
    uri: 'item:DateTimeReceived',
    element: 'DateTimeReceived',
    findable: true,
    inDefaultShape: false,
    write: (view, context) => t('DateTimeReceived', writeDateTime(view.item.createdAt, context.zone)),
  },
  {
    uri: 'item:Size',
    element: 'Size',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) =>
      t('Size', String(2048 + (properties.subject?.length ?? 0) + 2 * (properties.body?.content.length ?? 0))),
  },
  {
    uri: 'item:Categories',
    element: 'Categories',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) =>
      properties.categories.length === 0
        ? undefined
        : t(
            'Categories',
            properties.categories.map((category) => t('String', category)),
          ),
    read: (element, draft) => {
      draft.properties.categories = childrenNamed(element, 'String').map(({ text }) => text);
    },
    clear: (draft) => {
      draft.properties.categories = [];
    },
  },
  {
    uri: 'item:Importance',
    element: 'Importance',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) => t('Importance', properties.importance),
    read: (element, draft) => {
      draft.properties.importance = enumText(element, IMPORTANCES);
    },
  },
  ...(['IsSubmitted', 'IsDraft', 'IsFromMe', 'IsResend', 'IsUnmodified'] as const).map(
    (element): PropertyDefinition => ({
      uri: `item:${element}`,
      element,
      findable: true,
      inDefaultShape: false,
      write: () => boolean(element, false),
    }),
  ),
  ...(['DateTimeSent', 'DateTimeCreated'] as const).map(
    (element): PropertyDefinition => ({
      uri: `item:${element}`,
      element,
      findable: true,
      inDefaultShape: false,
      write: (view, context) => t(element, writeDateTime(view.item.createdAt, context.zone)),
    }),
  ),
  {
    uri: 'item:ReminderDueBy',
    element: 'ReminderDueBy',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }, context) => t('ReminderDueBy', writeDateTime(properties.start, context.zone)),
    read: () => {},
  },
  {
    uri: 'item:ReminderIsSet',
    element: 'ReminderIsSet',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) => boolean('ReminderIsSet', properties.reminderIsSet),
    read: (element, draft) => {
      draft.properties.reminderIsSet = booleanText(element);
    },
  },
  {
    uri: 'item:ReminderMinutesBeforeStart',
    element: 'ReminderMinutesBeforeStart',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) => t('ReminderMinutesBeforeStart', String(properties.reminderMinutes)),
    read: (element, draft) => {
      draft.properties.reminderMinutes = integerText(element, element.text, 0, 2_629_800);
    },
  },
  {
    uri: 'item:DisplayCc',
    element: 'DisplayCc',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) => t('DisplayCc', properties.optionalAttendees.map(({ person }) => person.name).join('; ')),
  },
  {
    uri: 'item:DisplayTo',
    element: 'DisplayTo',
    findable: true,
    inDefaultShape: false,
    write: ({ properties }) => t('DisplayTo', properties.requiredAttendees.map(({ person }) => person.name).join('; ')),
  },
  {
    uri: 'item:HasAttachments',
    element: 'HasAttachments',
    findable: true,
    inDefaultShape: true,
    write: () => boolean('HasAttachments', false),
  },
];

/** The `item:` properties that the schema puts after ExtendedProperty. */
export const LATE_ITEM_PROPERTIES: readonly PropertyDefinition[] = [
  {
    uri: 'item:Culture',
    element: 'Culture',
    findable: true,
    inDefaultShape: false,
    write: () => t('Culture', 'en-US'),
    read: () => {},
  },
  {
    uri: 'item:EffectiveRights',
    element: 'EffectiveRights',
    findable: true,
    inDefaultShape: false,
    write: () =>
      t('EffectiveRights', [
        boolean('CreateAssociated', false),
        boolean('CreateContents', false),
        boolean('CreateHierarchy', false),
        boolean('Delete', true),
        boolean('Modify', true),
        boolean('Read', true),
      ]),
  },
  {
    uri: 'item:LastModifiedName',
    element: 'LastModifiedName',
    findable: true,
    inDefaultShape: false,
    write: (view) => t('LastModifiedName', view.item.modifiedBy),
  },
  {
    uri: 'item:LastModifiedTime',
    element: 'LastModifiedTime',
    findable: true,
    inDefaultShape: false,
    write: (view, context) => t('LastModifiedTime', writeDateTime(view.modifiedAt, context.zone)),
  },
  {
    uri: 'item:IsAssociated',
    element: 'IsAssociated',
    findable: true,
    inDefaultShape: false,
    write: () => boolean('IsAssociated', false),
  },
  {
    uri: 'item:TextBody',
    element: 'TextBody',
    findable: false,
    inDefaultShape: false,
    write: ({ properties }) => writeBody('TextBody', properties.body ?? EMPTY_BODY, 'Text'),
  },
];
