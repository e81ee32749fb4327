import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readFrame } from '../frame.ts';
import { clientMethods, gatewayPushes } from '../methods.ts';
import { fillReference } from './protocol-reference.ts';

const document = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8');

describe('docs/protocol.md', () => {
  it('holds the schemas, codes and states of this build; if not: pnpm --filter gateway-protocol run docs', () => {
    expect(fillReference(document)).toBe(document);
  });

  it('has no example that its own schemas refuse', () => {
    const methods: Record<string, { payload: z.ZodType; reply?: z.ZodType }> = { ...clientMethods, ...gatewayPushes };
    const asked = new Map<number, string>();
    const examples = [...document.matchAll(/^(→|←) (\{.*\})$/gmu)];
    expect(examples.length).toBeGreaterThan(8);
    for (const [, direction, text = ''] of examples) {
      const read = readFrame(text);
      if (read.kind === 'request') {
        expect(methods[read.frame.method]?.payload.safeParse(read.frame.payload).error, text).toBeUndefined();
        if (direction === '→') asked.set(read.frame.id, read.frame.method);
      } else {
        if (read.kind !== 'response') throw new Error(`not a frame: ${text}`);
        if (direction === '→') continue;
        const method = methods[asked.get(read.frame.id) ?? ''];
        const reply = z.union([z.object({ errorCode: z.int() }), method?.reply ?? z.never()]);
        expect(reply.safeParse(read.frame.payload).error, text).toBeUndefined();
      }
    }
  });
});
