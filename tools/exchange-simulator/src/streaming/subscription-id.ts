import { randomBytes } from 'node:crypto';

const GUID_BYTES = 16;

/** A new subscription id: opaque base64 which, as Exchange's own, carries the name of the server that holds it. */
export function newSubscriptionId(backEnd: string): string {
  const name = Buffer.from(backEnd, 'latin1');
  const head = Buffer.alloc(2);
  head.writeUInt16LE(name.length);
  return Buffer.concat([head, name, Buffer.from([GUID_BYTES, 0, 0, 0]), randomBytes(GUID_BYTES)]).toString('base64');
}

/** The server named in a subscription id; undefined when the id is malformed. */
export function backEndOfSubscriptionId(id: string): string | undefined {
  const bytes = Buffer.from(id, 'base64');
  if (bytes.toString('base64') !== id || bytes.length < 2) return undefined;
  const length = bytes.readUInt16LE(0);
  if (bytes.length !== 2 + length + 4 + GUID_BYTES) return undefined;
  return bytes.toString('latin1', 2, 2 + length);
}
