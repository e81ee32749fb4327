import type { PeerSocket } from '../transport/transport.ts';

/** A socket without a network that remembers what was done with it. */
export class TestSocket implements PeerSocket {
  readonly peer = { address: '127.0.0.1', secure: true };
  /** Frames that were sent, pings, and how it was ended, in order: `ping`, `end 4408`, `terminate`. */
  readonly log: string[] = [];
  closed = false;
  /** Runs inside each `send`, after the frame was taken. */
  onSend: () => void = () => undefined;
  /** Runs inside each `end`, as a library does that calls back at once. */
  onEnd: () => void = () => undefined;
  /** What `send` answers. */
  takes: 'sent' | 'dropped' = 'sent';

  send(text: string): 'sent' | 'dropped' {
    this.log.push(text);
    this.onSend();
    return this.takes;
  }

  ping(): void {
    this.log.push('ping');
  }

  end(code: number): void {
    this.closed = true;
    this.log.push(`end ${code}`);
    this.onEnd();
  }

  terminate(): void {
    this.closed = true;
    this.log.push('terminate');
  }
}
