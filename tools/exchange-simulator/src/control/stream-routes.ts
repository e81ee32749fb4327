import { z } from 'zod';
import { type ControlRoute, parseBody } from './control-route.ts';

const filter = {
  mailbox: z.string().optional(),
  account: z.string().optional(),
  backEnd: z.string().optional(),
};
const filterSchema = z.strictObject(filter).default({});
const dropSchema = z
  .strictObject({ ...filter, how: z.enum(['cut', 'closed', 'end']).default('cut') })
  .default({ how: 'cut' });
const silenceSchema = z
  .strictObject({ ...filter, keep: z.boolean().default(false), midEnvelope: z.boolean().default(false) })
  .default({ keep: false, midEnvelope: false });
const loseSchema = z
  .strictObject({
    ...filter,
    code: z
      .string()
      .regex(/^Error[A-Za-z]+$/, 'an EWS response code')
      .optional(),
  })
  .default({});

/** Subscriptions and open streams: what there is, and how they break. */
export const STREAM_ROUTES: readonly ControlRoute[] = [
  {
    method: 'GET',
    path: '/subscriptions',
    run: (_input, { subscriptions }) =>
      subscriptions.select().map(({ id, mailbox, account, backEnd, folders, eventTypes, stream, sent }) => ({
        id,
        mailbox: mailbox.identity.address,
        account,
        backEnd,
        folders: folders === undefined ? 'all' : [...folders],
        eventTypes: [...eventTypes],
        streaming: stream !== undefined,
        sent,
      })),
  },
  {
    method: 'POST',
    path: '/subscriptions/lose',
    run: ({ body }, { subscriptions }) => {
      const { code, ...wanted } = parseBody(loseSchema, body);
      return { lost: subscriptions.lose(wanted, code) };
    },
  },
  {
    method: 'GET',
    path: '/streams',
    run: (_input, { streams }) =>
      streams.select().map(({ options, served, silent, clientPort }) => ({
        account: options.account,
        budget: options.budget,
        backEnd: options.backEnd,
        mailboxes: [...served].map(({ mailbox }) => mailbox.identity.address),
        silent,
        clientPort,
      })),
  },
  {
    method: 'POST',
    path: '/streams/drop',
    run: ({ body }, { streams }) => {
      const { how, ...wanted } = parseBody(dropSchema, body);
      const found = streams.select(wanted);
      for (const stream of found) {
        if (how === 'cut') stream.cut();
        else if (how === 'closed') stream.close();
        else stream.endBody();
      }
      return { streams: found.length };
    },
  },
  {
    method: 'POST',
    path: '/streams/silence',
    run: ({ body }, { streams }) => {
      const { keep, midEnvelope, ...wanted } = parseBody(silenceSchema, body);
      const found = streams.select(wanted);
      for (const stream of found) stream.fallSilent({ keep, midEnvelope });
      return { streams: found.length };
    },
  },
  {
    method: 'POST',
    path: '/streams/resume',
    run: ({ body }, { streams }) => {
      const found = streams.select(parseBody(filterSchema, body)).filter(({ silent }) => silent);
      for (const stream of found) stream.resume();
      return { streams: found.length };
    },
  },
];
