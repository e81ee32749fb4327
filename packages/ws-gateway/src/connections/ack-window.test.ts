import { describe, expect, it } from 'vitest';
import { AckWindow } from './ack-window.ts';

describe('AckWindow', () => {
  it('holds 8 pushes', () => {
    const window = new AckWindow();
    for (let id = 1; id <= 8; id++) {
      expect(window.isOpen).toBe(true);
      window.sent(id, 10, 0);
    }
    expect(window.isOpen).toBe(false);
    expect(window.acknowledge(3, 0)).toBe(true);
    expect(window.isOpen).toBe(true);
  });

  it('holds 1 MiB, but one push however large', () => {
    const window = new AckWindow();
    window.sent(1, 1024 * 1024 - 1, 0);
    expect(window.isOpen).toBe(true);
    window.sent(2, 5_000_000, 0);
    expect(window.isOpen).toBe(false);
    window.acknowledge(2, 0);
    expect(window.isOpen).toBe(true);
  });

  it('ignores acknowledgements of what was not sent, or twice', () => {
    const window = new AckWindow();
    window.sent(1, 10, 0);
    expect(window.acknowledge(2, 0)).toBe(false);
    expect(window.acknowledge(1, 0)).toBe(true);
    expect(window.acknowledge(1, 0)).toBe(false);
    expect(window.isEmpty).toBe(true);
  });

  it('tells since when a full window has seen no acknowledgement', () => {
    const window = new AckWindow();
    for (let id = 1; id <= 8; id++) window.sent(id, 300_000, id);
    expect(window.fullSince).toBe(8);
    window.acknowledge(1, 20);
    expect(window.fullSince).toBe(20);
    for (let id = 2; id <= 6; id++) window.acknowledge(id, 30);
    expect(window.fullSince).toBeUndefined();
  });
});
