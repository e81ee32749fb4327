import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultReplyLimits,
  MalformedXmlError,
  ReplyLimitError,
  type ReplyLimits,
  ReplyReader,
} from './reply-reader.ts';
import { calendarItem, view } from './testing/replies.ts';
import type { XmlElement } from './xml-element.ts';

const types = 'http://schemas.microsoft.com/exchange/services/2006/types';

function read(xml: string | readonly Uint8Array[], limits: Partial<ReplyLimits> = {}): XmlElement {
  const reader = new ReplyReader({ ...defaultReplyLimits, ...limits });
  for (const chunk of typeof xml === 'string' ? [Buffer.from(xml)] : xml) reader.write(chunk);
  return reader.end();
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const all = [0, ...places.map((place) => place % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return all.slice(1).map((place, index) => bytes.subarray(all[index], place));
}

describe('ReplyReader', () => {
  test('knows elements by namespace, whatever the prefix, and keeps their order', () => {
    const root = read(
      `<Changes xmlns="http://schemas.microsoft.com/exchange/services/2006/messages" xmlns:zz="${types}">` +
        `<zz:Create/><x:Delete xmlns:x="${types}"/><zz:Create/><Update xmlns="${types}"/><Other xmlns="urn:x"/></Changes>`,
    );
    expect([root.name, ...root.children.map((child) => child.name)]).toEqual([
      'm:Changes',
      't:Create',
      't:Delete',
      't:Create',
      't:Update',
      '?:Other',
    ]);
  });

  test('reads the same whatever the chunks: borders in tags, references and UTF-8 sequences', () => {
    const item = calendarItem(
      'id&amp;1',
      '<t:Subject>Größe &lt;😀&#x0;&#x1F;&#128512;&gt;<![CDATA[ a<b ]]></t:Subject>',
    );
    const bytes = Buffer.from(`\ufeff${view(item)}`);
    const whole = read([bytes]);
    expect(subjectOf(whole)).toBe('Größe <😀😀> a<b');
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 40 }), (places) => {
        expect(read(cut(bytes, places))).toEqual(whole);
      }),
      { numRuns: 200 },
    );
    expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  test('never answers random or broken bytes with anything but its own errors', () => {
    const bytes = Buffer.from(view(calendarItem('1', '<t:Subject>x &amp; y</t:Subject>')));
    const spoiled = fc.oneof(
      fc.nat(bytes.length).map((length) => bytes.subarray(0, length)),
      fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => {
        const copy = Buffer.from(bytes);
        copy[at] = byte;
        return copy;
      }),
      fc.uint8Array({ maxLength: 200 }),
    );
    fc.assert(
      fc.property(spoiled, (chunk) => {
        try {
          read([chunk]);
        } catch (failure) {
          expect(failure).toSatisfy((error) => error instanceof MalformedXmlError || error instanceof ReplyLimitError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['a cut document', '<a><b></b>'],
    ['two roots', '<a/><a/>'],
    ['plain text', 'Service Unavailable'],
    ['an undeclared prefix', '<q:a/>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><a>&b;</a>'],
    ['an HTML entity', '<a>&nbsp;</a>'],
  ])('refuses %s', (_what, xml) => {
    expect(() => read(xml)).toThrow(MalformedXmlError);
  });

  test('holds its limits of bytes, depth and text', () => {
    expect(() => read(`<a>${'x'.repeat(100)}</a>`, { maxBytes: 50 })).toThrow(ReplyLimitError);
    expect(() => read('<a>'.repeat(9) + '</a>'.repeat(9), { maxDepth: 8 })).toThrow(ReplyLimitError);
    expect(() => read(`<a>${'x'.repeat(100)}</a>`, { maxText: 50 })).toThrow(ReplyLimitError);
  });

  test('holds its limit of elements, of which those that are taken away do not count', () => {
    expect(() => read(`<a>${'<b/>'.repeat(10)}</a>`, { maxElements: 10 })).toThrow(ReplyLimitError);
    expect(read(`<a>${'<b/>'.repeat(9)}</a>`, { maxElements: 10 }).children).toHaveLength(9);
    const reader = new ReplyReader({ ...defaultReplyLimits, maxElements: 10 }, { within: 'a', take: () => null });
    reader.write(Buffer.from(`<a>${'<b><c/></b>'.repeat(100)}</a>`));
    expect(reader.end().children).toEqual([]);
  });

  test('refuses the smallest elements long before they take more memory than a process has', () => {
    const reader = new ReplyReader();
    reader.write(Buffer.from('<a>'));
    const flood = Buffer.from('<b/>'.repeat(4096));
    let bytes = 0;
    const write = () => {
      for (; bytes < defaultReplyLimits.maxBytes / 2; bytes += flood.byteLength) reader.write(flood);
    };
    expect(write).toThrow('more than 1000000 elements');
  });

  test('keeps only the beginning of a long body', () => {
    const body = read(`<t:Body xmlns:t="${types}">${'x'.repeat(100)}<![CDATA[yyy]]></t:Body>`, { maxBodyText: 40 });
    expect(body.text).toBe('x'.repeat(40));
  });
});

function subjectOf(root: XmlElement): string | undefined {
  return root
    .descend('s:Body', 'm:FindItemResponse', 'm:ResponseMessages', 'm:FindItemResponseMessage', 'm:RootFolder')
    ?.descend('t:Items', 't:CalendarItem')
    ?.childText('t:Subject');
}
