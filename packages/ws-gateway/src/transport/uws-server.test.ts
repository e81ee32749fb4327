import { once } from 'node:events';
import { WEBSOCKET_PATH } from 'gateway-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { soon } from '../testing/conditions.ts';
import type { TransportHandlers } from './transport.ts';
import { UwsServer } from './uws-server.ts';

describe('UwsServer', () => {
  let server: UwsServer;
  afterEach(() => server.close());

  function connect(handlers: Partial<TransportHandlers>): WebSocket {
    const live = () => ({ trustedProxies: [], frameBytes: 65_536 });
    server = new UwsServer(
      { host: '127.0.0.1', port: 0, sharePort: false, live },
      {
        open: () => ({ receive: () => undefined, heard: () => undefined, gone: () => undefined }),
        posts: {},
        healthy: () => true,
        onDefect: () => undefined,
        ...handlers,
      },
    );
    return new WebSocket(`ws://127.0.0.1:${server.listen()}${WEBSOCKET_PATH}`);
  }

  it('reports the end of a socket that was refused while it was opened, once', async () => {
    const ends: number[] = [];
    const socket = connect({
      open: (peer) => {
        peer.end(4413, 'no room');
        return { receive: () => undefined, heard: () => undefined, gone: (code) => ends.push(code) };
      },
    });
    expect(await closeCodeOf(socket)).toBe(4413);
    await soon(() => expect(ends).toEqual([4413]));
  });

  it('reports the end of a socket that its client closed, once', async () => {
    const ends: number[] = [];
    const socket = connect({
      open: () => ({ receive: () => undefined, heard: () => undefined, gone: (code) => ends.push(code) }),
    });
    await once(socket, 'open');
    socket.close(4000);
    await once(socket, 'close');
    await soon(() => expect(ends).toEqual([4000]));
  });

  it('closes a socket that could not be taken over because of a defect, and reports the defect', async () => {
    const defects: unknown[] = [];
    const socket = connect({
      open: () => {
        throw new Error('a defect');
      },
      onDefect: (error) => defects.push(error),
    });
    expect(await closeCodeOf(socket)).toBe(1011);
    expect(defects).toHaveLength(1);
  });
});

async function closeCodeOf(socket: WebSocket): Promise<number> {
  const [event] = await once(socket, 'close');
  return (event as { readonly code: number }).code;
}
