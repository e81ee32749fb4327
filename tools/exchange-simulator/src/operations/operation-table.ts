import type { XmlElement } from '../soap/xml-element.ts';
import type { XmlNode } from '../soap/xml-node.ts';
import { createItem } from './create-item.ts';
import { deleteItem } from './delete-item.ts';
import { expandDl } from './expand-dl.ts';
import { findFolder } from './find-folder.ts';
import { findItem } from './find-item.ts';
import { getFolder } from './get-folder.ts';
import { getItem } from './get-item.ts';
import { getServerTimeZones } from './get-server-time-zones.ts';
import { getStreamingEvents } from './get-streaming-events.ts';
import { copyItem, moveItem } from './move-item.ts';
import type { RequestContext } from './request-context.ts';
import { resolveNames } from './resolve-names.ts';
import { getRoomLists, getRooms } from './rooms.ts';
import { subscribe } from './subscribe.ts';
import { syncFolderItems } from './sync-folder-items.ts';
import { unsubscribe } from './unsubscribe.ts';
import { updateItem } from './update-item.ts';

/** Answers one request with its response messages. Throws EwsError for what concerns the whole request. */
export type Operation = (request: XmlElement, context: RequestContext) => XmlNode[];

/** What the simulator can do, by the name of the request's first body element. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['GetFolder', getFolder],
  ['FindFolder', findFolder],
  ['SyncFolderItems', syncFolderItems],
  ['FindItem', findItem],
  ['GetItem', getItem],
  ['CreateItem', createItem],
  ['UpdateItem', updateItem],
  ['DeleteItem', deleteItem],
  ['MoveItem', moveItem],
  ['CopyItem', copyItem],
  ['ResolveNames', resolveNames],
  ['ExpandDL', expandDl],
  ['GetRoomLists', getRoomLists],
  ['GetRooms', getRooms],
  ['GetServerTimeZones', getServerTimeZones],
  ['Subscribe', subscribe],
  ['Unsubscribe', unsubscribe],
  ['GetStreamingEvents', getStreamingEvents],
]);
