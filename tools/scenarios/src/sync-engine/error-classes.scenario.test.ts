import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld, type Fault, type MailboxRow } from './engine-world.ts';

type Form = 'soapFault' | 'responseMessage';
type SaidError = Pick<MailboxRow, 'errorClass' | 'errorCode' | 'errorDetail'>;

interface Row {
  readonly address: string;
  readonly action: Fault;
  /** Strikes; null until it is removed. */
  readonly times: number | null;
  readonly wanted: (row: MailboxRow) => boolean;
}

const coded = (form: Form, code: string, backOffMs?: number): Row['action'] => ({
  ...{ form, code },
  ...(backOffMs === undefined ? {} : { backOffMs }),
});
const failed =
  (error: SaidError, least: number, more: (row: MailboxRow) => boolean = () => true) =>
  (row: MailboxRow) =>
    isSaid(error, row) && row.status === 'stale' && row.retrySeconds >= least && more(row);

/** docs/reference/exchange.md §10.2: each class in the forms in which it comes, one mailbox for each. */
const forms: readonly Form[] = ['soapFault', 'responseMessage'];
const rows: Row[] = [
  ...forms.flatMap((form): Row[] => [
    row(
      `busy-${form}`,
      coded(form, 'ErrorServerBusy', 60_000),
      failed(response('throttle', 'ErrorServerBusy'), 60, ({ held }) => held),
    ),
    row(
      `internal-${form}`,
      coded(form, 'ErrorInternalServerError'),
      failed(response('transient', 'ErrorInternalServerError'), 1),
    ),
    row(
      `store-${form}`,
      coded(form, 'ErrorMailboxStoreUnavailable'),
      failed(response('transient', 'ErrorMailboxStoreUnavailable'), 1),
    ),
    row(
      `moving-${form}`,
      coded(form, 'ErrorMailboxMoveInProgress'),
      failed(response('moving', 'ErrorMailboxMoveInProgress'), 180),
    ),
    row(
      `unforeseen-${form}`,
      coded(form, 'ErrorNobodyForesawThis'),
      failed(response('unknown', 'ErrorNobodyForesawThis'), 1),
    ),
    row(
      `schema-${form}`,
      coded(form, 'ErrorSchemaValidation'),
      failed(response('config', 'ErrorSchemaValidation'), 300),
    ),
    row(`unknown-${form}`, coded(form, 'ErrorNonExistentMailbox'), denied),
    row(`refused-${form}`, coded(form, 'ErrorImpersonateUserDenied'), denied),
    // Once: the state is dropped, the folder listed anew, and the cache reconciled with it.
    row(`lost-${form}`, coded(form, 'ErrorInvalidSyncStateData'), ({ status }) => status === 'ok', 1),
    row(`folder-${form}`, coded(form, 'ErrorSyncFolderNotFound'), ({ status }) => status === 'ok', 1),
    row(`size-${form}`, coded(form, 'ErrorTimeoutExpired'), ({ status }) => status === 'ok', 2),
  ]),
  row(
    'busy-http',
    { form: 'http', status: 503, retryAfterSeconds: 60 },
    failed({ errorClass: 'throttle', errorCode: 'ews-http', errorDetail: '503' }, 60, ({ held }) => held),
  ),
  row('forbidden-http', { form: 'http', status: 403 }, denied),
];

function row(name: string, action: Row['action'], wanted: Row['wanted'], times: number | null = null): Row {
  return { address: `${name.toLowerCase()}@corp.example`, action, times, wanted };
}

/** Exchange's own code, in whatever form it came. */
function response(errorClass: string, errorDetail: string): SaidError {
  return { errorClass, errorCode: 'ews-response', errorDetail };
}

function isSaid({ errorClass, errorCode, errorDetail }: SaidError, row: MailboxRow): boolean {
  return row.errorClass === errorClass && row.errorCode === errorCode && row.errorDetail === errorDetail;
}

function denied({ status, retrySeconds, failures }: MailboxRow): boolean {
  return status === 'denied' && retrySeconds >= 3_600 && failures === 3;
}

const calmAddress = 'calm@corp.example';
let world: EngineWorld;
beforeAll(async () => {
  const addresses = [calmAddress, ...rows.map(({ address }) => address)];
  // Polls show that a mailbox is still read, also when a stream has been opened for its group.
  world = await EngineWorld.start(addresses, { sync: { pollSeconds: 0.5, streamedPollSeconds: 0.5 } });
  await world.seed(...addresses.map((mailbox) => ({ mailbox, subject: 'kept' })));
  world.work();
  await world.untilCached();
}, 60_000);
afterAll(() => world.end(), 60_000);

describe('the error classes', () => {
  it('lead to what docs/reference/exchange.md §10.2 wants, in every form, with cache and sync state kept', async () => {
    const states = new Map((await world.mailboxes()).map(({ address, syncState }) => [address, syncState]));
    for (const { address, action, times } of rows) {
      await world.disturb({ operation: 'SyncFolderItems', mailbox: address, times, action });
    }
    const struck = async () => (await world.control('GET', '/faults')) as { struck: number }[];
    await until('every fault struck', async () =>
      (await struck()).every((fault) => fault.struck > 0) ? true : undefined,
    );
    for (const { address, wanted } of rows) {
      await until(`${address} stands as it is to`, async () =>
        wanted(await world.mailbox(address)) ? true : undefined,
      );
    }
    for (const { address, syncState, status } of await world.mailboxes()) {
      expect(await world.subjects(address), address).toEqual(['kept']);
      expect(syncState, address).not.toBe('');
      if (status !== 'ok') expect(syncState, address).toBe(states.get(address));
    }
    const { rows: buried } = await world.db.database.query(
      "SELECT FROM calendar.change WHERE kind IN ('gone', 'aged')",
    );
    expect(buried).toEqual([]);
  }, 60_000);

  it('keep the silence of one mailbox from being everybody’s', async () => {
    const asked = async (mailbox: string) =>
      (await world.journal()).filter((entry) => entry.mailbox === mailbox && entry.operation === 'SyncFolderItems');
    const before = (await asked(calmAddress)).length;
    await until('the others go on', async () => ((await asked(calmAddress)).length > before + 2 ? true : undefined));
    for (const { address } of rows.filter(({ address: name }) => name.startsWith('busy-'))) {
      const entries = await asked(address);
      expect(
        entries.filter(({ fault }) => fault !== undefined && fault !== null),
        address,
      ).toHaveLength(1);
    }
    // Whatever makes it due: the hold is the mailbox's own.
    await world.db.database.query(
      "UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() WHERE address LIKE 'busy-%'",
    );
    const again = (await asked(calmAddress)).length;
    await until('the others go on', async () => ((await asked(calmAddress)).length > again + 2 ? true : undefined));
    expect((await asked('busy-soapfault@corp.example')).filter(({ fault }) => fault)).toHaveLength(1);
  }, 60_000);

  it('are told in one line each, and what stays wrong is not told again and again', () => {
    const lines = world.workers
      .flatMap(({ log }) => log.entries)
      .filter(({ event, level }) => event === 'sync.failed' && level !== 'debug');
    const toldOf = (mailbox: string) => lines.filter((line) => line.mailbox === mailbox).map(({ level }) => level);
    const forms = (cause: string) =>
      rows.filter(({ address }) => address.startsWith(`${cause}-`)).map(({ address }) => toldOf(address));
    // A setting is each mailbox's own.
    expect(forms('schema')).toEqual([['warn'], ['warn']]);
    for (const [cause, levels] of [
      ['unknown', ['info', 'warn']],
      ['moving', ['info']],
    ] as const) {
      // Both forms are one trouble while both have it: it is told of the mailbox that met it first.
      const told = forms(cause);
      expect(new Set(told.flat()), cause).toEqual(new Set(levels));
      for (const ofOne of told) expect(ofOne, cause).toEqual([...new Set(ofOne)]);
    }
  });
});
