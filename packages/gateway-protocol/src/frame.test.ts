import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame } from './frame.ts';

describe('readFrame', () => {
  it('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof readFrame(text).kind === 'string'));
  });

  it('reads a request without a payload as one with an empty payload', () => {
    expect(readFrame('{"type":1,"id":7,"method":"auth"}')).toEqual({
      kind: 'request',
      frame: { type: 1, id: 7, method: 'auth', payload: {} },
    });
  });

  it('reads an acknowledgement', () => {
    expect(readFrame('{"type":2,"id":7}')).toEqual({ kind: 'response', frame: { type: 2, id: 7 } });
  });

  it.each(['', 'x', '[]', 'null', '1', '"text"', '{"type":1'])('calls %j unreadable', (text) => {
    expect(readFrame(text).kind).toBe('unreadable');
  });

  it.each([
    ['{"type":1,"id":3}', 3],
    ['{"type":1,"id":3,"method":5}', 3],
    ['{"type":1,"id":3,"method":"auth","payload":[]}', 3],
    ['{"type":1,"id":-1,"method":"auth"}', undefined],
    ['{"type":1,"id":4294967296,"method":"auth"}', undefined],
    ['{"type":0,"id":3,"method":"auth"}', undefined],
    ['{"type":2,"id":"3"}', undefined],
    ['{}', undefined],
  ])('finds whom to answer in %s', (text, id) => {
    expect(readFrame(text)).toMatchObject({ kind: 'invalid', id });
  });

  it('names the path of what is wrong', () => {
    expect(readFrame('{"type":1,"id":3,"method":5}')).toMatchObject({ problem: expect.stringMatching(/^method: /u) });
  });
});
