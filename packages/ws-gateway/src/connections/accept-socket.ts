import { randomUUID } from 'node:crypto';
import type { PeerSocket, SocketHandler } from '../transport/transport.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { Hub } from './hub.ts';

export interface AcceptOptions {
  readonly hub: Hub;
  /** The gateway is being stopped. */
  readonly isDraining: () => boolean;
  /** Takes a frame of a client. Must not throw. */
  readonly receive: (connection: Connection, text: string) => void;
  /** A connection has ended, one that was refused too. */
  readonly onGone: ConnectionOptions['onGone'];
}

/** Makes a connection of a socket that was opened, and ends it at once when there are too many. */
export function acceptSocket({ hub, isDraining, receive, onGone }: AcceptOptions, socket: PeerSocket): SocketHandler {
  const connection = new Connection({
    id: randomUUID(),
    socket,
    now: performance.now(),
    onGone: (one, code) => {
      hub.remove(one);
      onGone(one, code);
    },
  });
  if (isDraining()) connection.close('goingAway', 'the gateway is being stopped');
  else if (!hub.add(connection)) connection.close('tooManySockets', 'the gateway has too many open sockets');
  return {
    receive: (text) => receive(connection, text),
    heard: () => connection.heard(performance.now()),
    gone: (code) => connection.ended(code),
  };
}
