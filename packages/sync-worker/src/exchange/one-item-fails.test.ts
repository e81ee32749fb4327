import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EwsClient } from 'ews-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchItems } from './fetch-items.ts';
import { SingleQuestions } from './single-questions.ts';

const MAILBOX = 'anna@corp.example';
const MESSAGE = /<m:GetItemResponseMessage .*?<\/m:GetItemResponseMessage>/gsu;

describe('a GetItem reply in which one of three items fails with a code that nobody foresaw', () => {
  let server: Server;
  let client: EwsClient;
  let reply: string;
  const asked: string[][] = [];
  beforeAll(async () => {
    reply = await readFile(new URL('one-item-fails.xml', import.meta.url), 'utf8');
    const messages = reply.match(MESSAGE) ?? [];
    const answerTo = new Map(['a', 'c', 'b'].map((id, place) => [id, messages[place] ?? '']));
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const references = Buffer.concat(chunks)
        .toString()
        .matchAll(/ (?:Id|OccurrenceId)="([abc])"/gu);
      const ids = [...references].map(([, id]) => id ?? '');
      asked.push(ids);
      const answers = ids.map((id) => answerTo.get(id)).join('');
      response.setHeader('content-type', 'text/xml; charset=utf-8');
      response.end(reply.replace(/<!--.*?-->\s*/su, '').replace(/(?<=<m:ResponseMessages>).*(?=<\/m:Resp)/su, answers));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    client = new EwsClient({ url: `http://127.0.0.1:${port}/`, login: 'svc', password: 'secret', auth: 'basic' });
  });
  afterAll(async () => {
    await client.close();
    server.close();
  });

  it('gives the two others, after the one was asked for again alone', async () => {
    const requests = [{ itemId: 'a' }, { itemId: 'c' }, { masterOf: 'b' }];
    const items = await fetchItems(
      (some, options) => client.getItems(MAILBOX, some, options),
      requests,
      new SingleQuestions(),
    );
    expect(items.map((item) => item?.subject ?? null)).toEqual(['A', 'C', null]);
    expect(asked).toEqual([['a', 'c', 'b'], ['b']]);
  });
});
