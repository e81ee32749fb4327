import { request } from 'node:http';
import { eventually } from './eventually.ts';
import { type Endpoint, envelope, type SoapReply, type SoapRequest, soap, texts } from './soap-client.ts';

const CALENDAR = '<t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds>';
const EVENTS = ['CreatedEvent', 'DeletedEvent', 'ModifiedEvent', 'MovedEvent', 'CopiedEvent'];

export function subscribeBody(folders = CALENDAR, events: readonly string[] = EVENTS, attributes = ''): string {
  const types = events.map((event) => `<t:EventType>${event}</t:EventType>`).join('');
  return `<m:Subscribe><m:StreamingSubscriptionRequest${attributes}>${folders}<t:EventTypes>${types}</t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`;
}

export function unsubscribeBody(id: string): string {
  return `<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`;
}

export function streamBody(ids: readonly string[], minutes = 30): string {
  const list = ids.map((id) => `<t:SubscriptionId>${id}</t:SubscriptionId>`).join('');
  return `<m:GetStreamingEvents><m:SubscriptionIds>${list}</m:SubscriptionIds><m:ConnectionTimeout>${minutes}</m:ConnectionTimeout></m:GetStreamingEvents>`;
}

/** A new subscription to a calendar. */
export async function subscribeTo(simulator: Endpoint, address: string, options: SoapRequest = {}) {
  const reply: SoapReply = await soap(simulator, subscribeBody(), { as: address, ...options });
  return { id: texts(reply.text, 'SubscriptionId')[0]!, reply };
}

/** A GetStreamingEvents connection, as its bytes arrive. */
export class TestStream {
  readonly chunks: Buffer[] = [];
  /** How the body ended. */
  ending: 'open' | 'end' | 'cut' = 'open';
  status = 0;
  #abort: () => void = () => {};

  static async open(simulator: Endpoint, ids: readonly string[], options: StreamOptions = {}) {
    const stream = new TestStream();
    const { minutes, login = 'svc:secret', headers, as = null } = options;
    const sent = request(simulator.ewsUrl, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        authorization: `Basic ${Buffer.from(login ?? '').toString('base64')}`,
        ...headers,
      },
    });
    stream.#abort = () => sent.destroy();
    sent.on('error', () => {
      if (stream.ending === 'open') stream.ending = 'cut';
    });
    sent.on('response', (response) => {
      stream.status = response.statusCode ?? 0;
      response.on('data', (chunk: Buffer) => stream.chunks.push(chunk));
      response.on('end', () => {
        stream.ending = 'end';
      });
      response.on('error', () => {
        stream.ending = 'cut';
      });
    });
    sent.end(envelope(streamBody(ids, minutes), { as }));
    await eventually(() => stream.chunks.length > 0 || stream.ending !== 'open').toBe(true);
    return stream;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** The complete envelopes so far. */
  get envelopes(): string[] {
    return this.text.match(/<(?:\w+:)?Envelope[\s\S]*?<\/(?:\w+:)?Envelope>/g) ?? [];
  }

  /** Names of the events so far, in order. */
  get events(): string[] {
    return [...this.text.matchAll(/<t:(\w+Event)>/g)].map((match) => match[1]!);
  }

  abort(): void {
    this.#abort();
  }
}

export interface StreamOptions extends SoapRequest {
  readonly minutes?: number;
}
