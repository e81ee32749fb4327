import { expect, it } from 'vitest';
import { ListenerLog } from './listener-log.ts';
import { CapturedLog } from './testing/index.ts';

it('writes one line when the notification connection is lost and one when it is back, however many attempts fail', () => {
  const captured = new CapturedLog();
  const log = new ListenerLog(captured.logger());
  log.connected();
  for (let attempt = 0; attempt < 5; attempt++) log.failed({ state: 'connecting' }, new Error('refused'));
  log.connected();
  expect(captured.events()).toEqual(['listen.lost', 'listen.back']);
});

it('does not call the connection lost when something that hears notifications fails', () => {
  const captured = new CapturedLog();
  new ListenerLog(captured.logger()).failed({ state: 'listening' }, new Error('defect'));
  expect(captured.events()).toEqual(['listen.handler-failed']);
});
