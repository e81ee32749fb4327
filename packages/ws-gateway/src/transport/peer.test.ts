import { describe, expect, it } from 'vitest';
import { compressAddress, countedNetwork, PeerReader } from './peer.ts';

const evidence = { remoteAddress: '203.0.113.7', forwardedFor: '', forwardedProto: '', tls: false };

describe('PeerReader', () => {
  it('takes this machine and TLS for secure, and nothing else', () => {
    const reader = new PeerReader([]);
    expect(reader.read(evidence)).toEqual({ address: '203.0.113.7', secure: false });
    expect(reader.read({ ...evidence, tls: true }).secure).toBe(true);
    expect(reader.read({ ...evidence, remoteAddress: '127.0.0.1' }).secure).toBe(true);
    expect(reader.read({ ...evidence, remoteAddress: '0000:0000:0000:0000:0000:ffff:7f00:0001' })).toEqual({
      address: '127.0.0.1',
      secure: true,
    });
    expect(reader.read({ ...evidence, remoteAddress: '0000:0000:0000:0000:0000:0000:0000:0001' }).secure).toBe(true);
  });

  it('believes nobody who is not a trusted proxy', () => {
    const reader = new PeerReader(['10.0.0.0/8']);
    const lie = { ...evidence, forwardedFor: '127.0.0.1', forwardedProto: 'https' };
    expect(reader.read(lie)).toEqual({ address: '203.0.113.7', secure: false });
  });

  it('takes the last address before its own proxies for the client', () => {
    const reader = new PeerReader(['10.0.0.0/8', '2001:db8::1']);
    const chain = { ...evidence, remoteAddress: '10.0.0.1', forwardedFor: '127.0.0.1, 198.51.100.4, 10.0.0.2' };
    expect(reader.read({ ...chain, forwardedProto: 'https' })).toEqual({ address: '198.51.100.4', secure: true });
    expect(reader.read(chain).secure).toBe(false);
    expect(reader.read({ ...chain, forwardedFor: 'rubbish' }).address).toBe('10.0.0.1');
    expect(reader.read({ ...chain, remoteAddress: '2001:0db8:0000:0000:0000:0000:0000:0001' }).address).toBe(
      '198.51.100.4',
    );
  });

  it('does not take a proxy on this machine for the client itself', () => {
    const reader = new PeerReader(['127.0.0.1']);
    const proxied = { ...evidence, remoteAddress: '127.0.0.1', forwardedFor: '198.51.100.4', forwardedProto: 'http' };
    expect(reader.read(proxied).secure).toBe(false);
  });
});

describe('addresses', () => {
  it.each([
    ['0000:0000:0000:0000:0000:ffff:c633:6404', '198.51.100.4'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['198.51.100.4', '198.51.100.4'],
    ['', ''],
  ])('%s is written %s', (text, compressed) => expect(compressAddress(text)).toBe(compressed));

  it.each([
    ['198.51.100.4', '198.51.100.4'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s is counted as %s', (address, network) => expect(countedNetwork(address)).toBe(network));
});
