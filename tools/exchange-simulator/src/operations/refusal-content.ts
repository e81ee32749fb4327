import { m, type XmlNode } from '../soap/xml-node.ts';

const ITEMS = [m('Items')];

const CONTENT: ReadonlyMap<string, readonly XmlNode[]> = new Map([
  ['GetFolder', [m('Folders')]],
  ['GetItem', ITEMS],
  ['CreateItem', ITEMS],
  ['UpdateItem', ITEMS],
  ['MoveItem', ITEMS],
  ['CopyItem', ITEMS],
  // A trap that clients must not fall into: an empty state that claims to belong to the last page
  // (docs/reference/exchange.md §5.3).
  ['SyncFolderItems', [m('SyncState'), m('IncludesLastItemInRange', 'true')]],
]);

/** What the error message of an operation carries besides the error, since the schema or real servers' habit has it so. */
export function refusalContent(operation: string): readonly XmlNode[] {
  return CONTENT.get(operation) ?? [];
}
