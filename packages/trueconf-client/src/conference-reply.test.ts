import fc from 'fast-check';
import { expect, test } from 'vitest';
import { conferenceReply } from './conference-reply.ts';
import { parseServerTime } from './server-time.ts';

const bare = { id: '4820175533', topic: 'Sprint review', owner: 'anna', state: 'stopped' };

test('a whole conference is read', () => {
  const reply = conferenceReply.parse({
    conference: {
      ...bare,
      mode: 'PxP',
      schedule: { type: 'once', start_time: '1789999200', duration: 3600, special_time_offset: 180 },
      invitations: [
        { id: 'anna', display_name: 'Anna K.' },
        { id: 'boris', is_moderator: 1 },
      ],
      auto_invite: 1,
      tags: ['exch'],
      url: 'https://conf.example/c/4820175533',
      web_client_url: 'https://conf.example/webrtc/4820175533',
      session_id: '',
      something_new: { deep: true },
    },
  });
  expect(reply).toEqual({
    ...bare,
    description: null,
    schedule: { type: 'once', start: new Date('2026-09-21T14:00:00Z'), durationSeconds: 3600 },
    invitations: [
      { id: 'anna', displayName: 'Anna K.' },
      { id: 'boris', isModerator: true },
    ],
    autoInvite: true,
    tags: ['exch'],
    url: 'https://conf.example/c/4820175533',
    webClientUrl: 'https://conf.example/webrtc/4820175533',
    sessionId: null,
  });
});

test('the least that a server may say is enough, with or without an envelope', () => {
  for (const json of [bare, { conference: bare }]) {
    expect(conferenceReply.parse(json)).toMatchObject({ id: bare.id, invitations: [], tags: [], autoInvite: null });
  }
});

test.each([null, [], {}, { conference: null }, { conference: { ...bare, state: 'paused' } }])(
  '%j is refused',
  (json) => {
    expect(conferenceReply.safeParse(json).success).toBe(false);
  },
);

test('every spelling of an instant gives that instant', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4_102_444_800 }), (seconds) => {
      const date = new Date(seconds * 1000);
      for (const value of [seconds, String(seconds), date.toISOString()]) expect(parseServerTime(value)).toEqual(date);
    }),
  );
});

test.each([null, undefined, '', 0, '0', 'soon'])('%j is no time', (value) => {
  expect(parseServerTime(value)).toBeNull();
});
