import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EnvelopeReader, streamLimits } from './envelope-reader.ts';
import { MalformedXmlError, ReplyLimitError } from './reply-reader.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';

function envelope(text: string, prefix = 's:'): string {
  const declared = prefix === '' ? 'xmlns' : `xmlns:${prefix.slice(0, -1)}`;
  return `<${prefix}Envelope ${declared}="${soap}"><${prefix}Body><a xmlns="">${text}</a></${prefix}Body></${prefix}Envelope>`;
}

/** The texts of the envelopes that come out of some chunks, read to the end. */
function texts(chunks: readonly Uint8Array[], reader = new EnvelopeReader()): (string | undefined)[] {
  const found = chunks.flatMap((chunk) => [...reader.write(chunk)]);
  reader.end();
  return found.map((element) => element.descend('s:Body', 'a')?.text);
}

const bytes = (text: string) => [Buffer.from(text)];
const oneByOne = (text: string) => [...Buffer.from(text)].map((byte) => Buffer.from([byte]));

describe('EnvelopeReader', () => {
  test('trap 5: takes three envelopes out of one write', () => {
    expect(texts(bytes(envelope('1') + envelope('2') + envelope('3')))).toEqual(['1', '2', '3']);
  });

  test('trap 5: takes envelopes out of writes of one byte, with characters cut in the middle', () => {
    expect(texts(oneByOne(envelope('é') + envelope('日本') + envelope('😀')))).toEqual(['é', '日本', '😀']);
  });

  test.each(['', 's:', 'soap11:', 'SOAP:', 'soap-env.1:', 'é:'])(
    'trap 5: knows the end by its local name, prefix "%s"',
    (prefix) => {
      expect(texts(oneByOne(envelope('1', prefix) + envelope('2', prefix)))).toEqual(['1', '2']);
    },
  );

  test('gives an envelope as soon as its last byte is there', () => {
    const reader = new EnvelopeReader();
    const whole = Buffer.from(envelope('1'));
    expect([...reader.write(whole.subarray(0, -1))]).toHaveLength(0);
    expect([...reader.write(whole.subarray(-1))]).toHaveLength(1);
  });

  test('skips declarations, comments, marks and blanks between envelopes, however often they come', () => {
    const declaration = '<?xml version="1.0" encoding="utf-8"?>';
    const noise = `\r\n\uFEFF${declaration}${declaration}<!-- </s:Envelope> -->\t`;
    expect(texts(oneByOne(noise + envelope('1') + noise + envelope('2') + noise))).toEqual(['1', '2']);
  });

  test.each([
    ['a CDATA section', '<![CDATA[</s:Envelope>]]]>', '</s:Envelope>]'],
    ['a comment', '<!-- </s:Envelope> -- > -->x', 'x'],
    ['a processing instruction', '<?p </s:Envelope> ?>x', 'x'],
    ['an attribute', '<b at="</s:Envelope>" c=\'>"</s:Envelope>\'/>', ''],
    ['a longer name', '<s:EnvelopeX></s:EnvelopeX><NotEnvelope></NotEnvelope>', ''],
  ])('is not ended by what looks like the end in %s', (_where, content, text) => {
    const written = envelope(content) + envelope('next');
    const wellFormed = content.includes('at="<') ? written.replaceAll('</s:Envelope>"', '&lt;/s:Envelope>"') : written;
    const readable = wellFormed.replaceAll(`'>"</s:Envelope>'`, `'>"&lt;/s:Envelope>'`).replaceAll(' -- >', ' - >');
    expect(texts(oneByOne(readable))).toEqual([text, 'next']);
  });

  test('finds the same envelopes whatever the chunks', () => {
    const stream = Buffer.from(
      `<?xml version="1.0"?>${envelope('é<![CDATA[</s:Envelope>]]>')}\n<?xml version="1.0"?>${envelope('2', '')}<!--x-->${envelope('3', 'soap11:')}`,
    );
    const whole = texts([stream]);
    expect(whole).toEqual(['é</s:Envelope>', '2', '3']);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length)), (places) => {
        const cuts = [0, ...places.toSorted((a, b) => a - b), stream.length];
        expect(texts(cuts.slice(1).map((end, index) => stream.subarray(cuts[index], end)))).toEqual(whole);
      }),
    );
  });

  test('takes out what XML forbids, as other replies do', () => {
    expect(texts(bytes(envelope('a&#x0;b') + envelope('c')))).toEqual(['ab', 'c']);
  });

  test('limits each envelope, not the stream', () => {
    const reader = new EnvelopeReader({ ...streamLimits, maxBytes: 1000 });
    const many = bytes(Array.from({ length: 100 }, (_, n) => envelope(String(n))).join(''));
    expect(texts(many, reader)).toHaveLength(100);
    expect(() => texts(bytes(envelope('x'.repeat(1000))), reader)).toThrow(ReplyLimitError);
  });

  test.each([
    ['text between envelopes', `${envelope('1')} oops`],
    ['a page of a proxy', '<html><body><br></body></html>'],
    ['a document type', `<!DOCTYPE a [<!ENTITY e "x">]>${envelope('1')}`],
    ['an end in the middle of an envelope', envelope('1').slice(0, -3)],
  ])('refuses %s', (_what, stream) => {
    expect(() => texts(bytes(stream))).toThrow(MalformedXmlError);
    expect(() => texts(oneByOne(stream))).toThrow(MalformedXmlError);
  });
});
