import { describe, expect, test } from 'vitest';
import { bytesPerTurn, feedReply } from './reply-feed.ts';
import { ReplyReader } from './reply-reader.ts';
import { calendarItem, view } from './testing/replies.ts';

async function* whole(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe('feedReply', () => {
  test('lets everybody else have a turn after so many bytes, however large a chunk comes', async () => {
    const item = calendarItem('id', `<t:Subject>${'x'.repeat(500)}</t:Subject>`);
    const bytes = Buffer.from(view(item.repeat(4_000)));
    let turn = 0;
    let isReading = true;
    const clock = (): void => {
      turn++;
      if (isReading) setImmediate(clock);
    };
    setImmediate(clock);
    const takenInTurn = new Map<number, number>();
    const take = () => {
      takenInTurn.set(turn, (takenInTurn.get(turn) ?? 0) + 1);
      return null;
    };
    const reader = new ReplyReader(undefined, { within: 't:Items', take });
    await feedReply(reader, whole(bytes));
    reader.end();
    isReading = false;
    const most = Math.max(...takenInTurn.values());
    // Two slices may fall between two turns of this test's own clock.
    expect(most).toBeLessThanOrEqual((2 * bytesPerTurn) / item.length + 1);
    expect([...takenInTurn.values()].reduce((sum, count) => sum + count, 0)).toBe(4_000);
  });

  test('keeps nothing of a long list that is taken part by part', async () => {
    const bytes = Buffer.from(view(calendarItem('id').repeat(100)));
    const reader = new ReplyReader(undefined, { within: 't:Items', take: () => null });
    await feedReply(reader, whole(bytes));
    const message = ['s:Body', 'm:FindItemResponse', 'm:ResponseMessages', 'm:FindItemResponseMessage'];
    const items = reader.end().descend(...message, 'm:RootFolder', 't:Items');
    expect(items?.children).toEqual([]);
  });
});
