import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conferenceId } from './conference-id.ts';

const salt = Buffer.alloc(32, 7);

describe('conferenceId', () => {
  it('is the same whenever it is asked for, and another one for another server, event, life or salt', () => {
    const identity = { serverId: 'tiny', eventId: 'e', seriesKey: null, life: 1 };
    const id = conferenceId(salt, identity);
    expect(conferenceId(salt, { ...identity })).toBe(id);
    const others = [{ serverId: 'two' }, { eventId: 'f' }, { life: 2 }, { seriesKey: 's' }];
    const ids = others.map((other) => conferenceId(salt, { ...identity, ...other }));
    expect(new Set([id, ...ids, conferenceId(Buffer.alloc(32, 8), identity)]).size).toBe(6);
  });

  it('is what TrueConf Server takes: letters and digits', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (serverId, eventId, life) => {
        expect(conferenceId(salt, { serverId, eventId, seriesKey: null, life })).toMatch(/^[0-9a-z]{20}$/u);
      }),
    );
  });

  it('does not depend on the life when a series shares one conference', () => {
    const identity = { serverId: 'tiny', eventId: 'e', seriesKey: 's', life: 1 };
    expect(conferenceId(salt, { ...identity, life: 2, eventId: 'f' })).toBe(conferenceId(salt, identity));
  });
});
