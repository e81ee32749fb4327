import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from './redaction.ts';
import { CapturedLog } from './testing/captured-log.ts';

const SECRET_KEYS = [
  'password',
  'Password',
  'passwd',
  'clientSecret',
  'client_secret',
  'authorization',
  'Authorization',
  'token',
  'access_token',
  'refreshToken',
  'set-cookie',
  'subject',
  'preview',
  'bodyPreview',
  'body',
  'topic',
];

describe('a log', () => {
  it('hides secrets, subjects and bodies at any depth, whatever else stands around them', () => {
    const leaf = fc.record({ key: fc.constantFrom(...SECRET_KEYS), other: fc.string() });
    const wrapped = fc.array(fc.constantFrom('object', 'array', 'map', 'error'), { maxLength: 4 });
    fc.assert(
      fc.property(leaf, wrapped, ({ key, other }, wrappers) => {
        const log = new CapturedLog();
        let value: unknown = { [key]: 'hush-hush', other };
        for (const wrapper of wrappers) value = wrap(wrapper, value);
        log.logger().info('test.entry', 'a message', { value, [key]: 'hush-hush' });
        expect(JSON.stringify(log.entries)).not.toContain('hush-hush');
      }),
    );
  });

  it('shows what is no secret as it is', () => {
    const at = new Date('2030-01-01T00:00:00Z');
    expect(redact({ mailbox: 'anna@corp.example', tries: 3, at, seq: 12n, raw: Buffer.alloc(4), none: null })).toEqual({
      mailbox: 'anna@corp.example',
      tries: 3,
      at: '2030-01-01T00:00:00.000Z',
      seq: '12',
      raw: '[4 bytes]',
      none: null,
    });
  });

  it('survives what has no end', () => {
    const ring: Record<string, unknown> = { name: 'ring' };
    ring.self = ring;
    const log = new CapturedLog();
    log.logger().info('test.entry', 'a message', { ring, list: Array.from({ length: 500 }, (_, index) => index) });
    expect(log.entries).toHaveLength(1);
    expect(JSON.stringify(log.entries)).toContain('450 more');
  });

  it('shows of an error its code, message and causes; the stack only at debug; nothing that hangs on it', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), {
      code: 'ECONNREFUSED',
      detail: 'row text',
    });
    const error = new Error('the mailbox cannot be read', { cause });
    const quiet = new CapturedLog();
    quiet.logger('info').error('test.failed', 'failed', { error });
    expect(quiet.entries[0]?.error).toEqual({
      code: 'Error',
      message: 'the mailbox cannot be read',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' },
    });
    const loud = new CapturedLog();
    loud.logger('debug').error('test.failed', 'failed', { error });
    expect(loud.entries[0]?.error).toMatchObject({ stack: expect.stringContaining('log.test.ts') });
  });

  it('says why nobody of several addresses answered', () => {
    const log = new CapturedLog();
    const error = new AggregateError([
      new Error('connect ECONNREFUSED ::1'),
      new Error('connect ECONNREFUSED 127.0.0.1'),
    ]);
    log.logger().error('test.failed', 'failed', { error });
    expect(log.entries[0]?.error).toMatchObject({
      message: 'connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1',
    });
  });

  it('carries the fields of its parents and follows a new level in all children', () => {
    const log = new CapturedLog();
    const root = log.logger('info');
    const child = root.child({ worker: 'launcher' }).child({ instance: 2 });
    child.debug('test.hidden', 'not written');
    root.setLevel('debug');
    child.debug('test.shown', 'written');
    expect(log.entries).toMatchObject([{ event: 'test.shown', level: 'debug', worker: 'launcher', instance: 2 }]);
  });
});

function wrap(wrapper: string, value: unknown): unknown {
  if (wrapper === 'array') return [value];
  if (wrapper === 'map') return new Map([['inner', value]]);
  if (wrapper === 'error') return Object.assign(new Error('failed'), { inner: value });
  return { inner: value };
}
