/**
 * MD4 (RFC 1320). Windows keeps passwords as MD4, so NTLM cannot do without; OpenSSL 3, and Node with it, has none any
 * more. Good for nothing else.
 */
export function md4(message: Uint8Array): Buffer {
  const words = paddedWords(message);
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < words.length; at += 16) addBlock(state, words.subarray(at, at + 16));
  const digest = Buffer.alloc(16);
  for (const [index, word] of state.entries()) digest.writeUInt32LE(word, index * 4);
  return digest;
}

const shifts = [
  [3, 7, 11, 19],
  [3, 5, 9, 13],
  [3, 9, 11, 15],
];

/** The message, one bit, zeros and the message's length in bits, as little-endian words (RFC 1320 §3.1, §3.2). */
function paddedWords(message: Uint8Array): Uint32Array {
  const words = new Uint32Array(16 * Math.ceil((message.length + 9) / 64));
  for (let at = 0; at <= message.length; at++) {
    words[at >> 2] = (words[at >> 2] as number) | ((message[at] ?? 0x80) << (8 * (at & 3)));
  }
  words[words.length - 2] = message.length << 3;
  words[words.length - 1] = Math.floor(message.length / 2 ** 29);
  return words;
}

/** RFC 1320 §3.4: three rounds of sixteen steps. */
function addBlock(state: Uint32Array, block: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let step = 0; step < 48; step++) {
    const round = step >> 4;
    const turn = step & 15;
    let mixed: number;
    if (round === 0) mixed = ((b & c) | (~b & d)) + word(block, turn);
    else if (round === 1)
      mixed = ((b & c) | (b & d) | (c & d)) + word(block, (turn >> 2) | ((turn & 3) << 2)) + 0x5a827999;
    else mixed = (b ^ c ^ d) + word(block, reversedBits(turn)) + 0x6ed9eba1;
    [a, b, c, d] = [d, rotated(a + mixed, shifts[round]?.[turn & 3] as number), b, c];
  }
  for (const [index, value] of [a, b, c, d].entries()) state[index] = (state[index] as number) + value;
}

function word(block: Uint32Array, index: number): number {
  return block[index] as number;
}

/** The third round takes the words in the order of their mirrored four-bit numbers. */
function reversedBits(index: number): number {
  return ((index & 1) << 3) | ((index & 2) << 1) | ((index & 4) >> 1) | ((index & 8) >> 3);
}

function rotated(value: number, bits: number): number {
  return ((value << bits) | ((value >>> 0) >>> (32 - bits))) >>> 0;
}
