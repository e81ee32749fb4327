import type { PeerSocket } from '../transport/transport.ts';

/** A socket without a network that remembers what was done with it. */
export class TestSocket implements PeerSocket {
  readonly peer = { address: '127.0.0.1', secure: true };
  /** Frames that were sent, pings, and how it was ended, in order: `ping`, `end 4408`, `terminate`. */
  readonly log: string[] = [];
  closed = false;

  /** The frames among them. */
  get frames(): Record<string, unknown>[] {
    return this.log.filter((entry) => entry.startsWith('{')).map((entry) => JSON.parse(entry));
  }

  send(text: string): 'sent' | 'dropped' {
    this.log.push(text);
    return 'sent';
  }

  ping(): void {
    this.log.push('ping');
  }

  end(code: number): void {
    this.closed = true;
    this.log.push(`end ${code}`);
  }

  terminate(): void {
    this.closed = true;
    this.log.push('terminate');
  }
}
