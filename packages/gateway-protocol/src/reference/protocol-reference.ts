import { z } from 'zod';
import { attendee, conference, fullEvent, maskedEvent, organizer } from '../calendar-event.ts';
import { clientTransitions } from '../client/client-state.ts';
import { closeCodes } from '../close-codes.ts';
import { errorCodes } from '../error-codes.ts';
import { requestFrame, responseFrame } from '../frame.ts';
import { clientMethods, gatewayPushes } from '../methods.ts';
import { tokenRefusal, tokenReply, tokenRequest } from '../token-endpoint.ts';
import { fieldTable, type SchemaNode } from './type-text.ts';

/** The generated parts of `docs/protocol.md`, by the name that their markers carry. */
function referenceSections(): Readonly<Record<string, string>> {
  return {
    envelope: `A request:\n\n${tables(requestFrame)}\nA response:\n\n${tables(responseFrame)}`,
    methods: methodSections(),
    pushes: Object.entries(gatewayPushes)
      .map(([name, { summary, payload }]) => `### ${name}\n\n${summary}\n\n${tables(payload)}`)
      .join('\n'),
    types: Object.entries({ FullEvent: fullEvent, MaskedEvent: maskedEvent, Attendee: attendee, Organizer: organizer })
      .concat([['Conference', conference as never]])
      .map(([name, schema]) => `### ${name}\n\n${tables(schema)}`)
      .join('\n'),
    token: `Request, either of:\n\n${tables(tokenRequest)}\nReply:\n\n${tables(tokenReply)}\nRefusal:\n\n${tables(tokenRefusal)}`,
    errors: errorTable(),
    closes: closeTable(),
    transitions: transitionTable(),
  };
}

/** Puts the generated parts between their markers, `<!-- generated: name -->` and `<!-- end of name -->`. */
export function fillReference(document: string): string {
  let filled = document;
  for (const [name, text] of Object.entries(referenceSections())) {
    const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
    const [from, to] = [filled.indexOf(begin), filled.indexOf(end)];
    if (from < 0 || to < from) throw new RangeError(`the document has no place for "${name}": ${begin} … ${end}`);
    filled = `${filled.slice(0, from + begin.length)}\n\n${text.trimEnd()}\n\n${filled.slice(to)}`;
  }
  return filled;
}

function methodSections(): string {
  return Object.entries(clientMethods)
    .map(
      ([name, { summary, payload, reply }]) =>
        `### ${name}\n\n${summary}\n\nPayload:\n\n${tables(payload)}\nReply:\n\n${tables(reply)}`,
    )
    .join('\n');
}

/** A table per shape that a value may have. */
function tables(schema: z.ZodType): string {
  const node = z.toJSONSchema(schema, { io: 'input' }) as SchemaNode;
  return (node.anyOf ?? node.oneOf ?? [node]).map(fieldTable).join('\n');
}

function errorTable(): string {
  const rows = errorCodes.map((entry) => `| ${entry.code} | ${entry.name} | ${entry.meaning} | ${entry.whatToDo} |`);
  return ['| code | name | meaning | what to do |', '|---|---|---|---|', ...rows].join('\n');
}

function closeTable(): string {
  const words = { yes: 'yes', newToken: 'with a new token', no: '**no**' } as const;
  const rows = closeCodes.map((entry) => {
    const delay = entry.minDelayMs > 0 ? `, after ${entry.minDelayMs / 1000} s` : '';
    return `| ${entry.code} | ${entry.name} | ${entry.meaning} | ${words[entry.reconnect]}${delay} | ${entry.whatToDo} |`;
  });
  return ['| code | name | meaning | reconnect | what to do |', '|---|---|---|---|---|', ...rows].join('\n');
}

function transitionTable(): string {
  const events = Object.keys(clientTransitions.live);
  const rows = Object.entries(clientTransitions).map(
    ([state, row]) =>
      `| **${state}** | ${Object.values(row)
        .map((next) => (next === state ? '–' : next))
        .join(' | ')} |`,
  );
  return [`| | ${events.join(' | ')} |`, `|---|${events.map(() => '---|').join('')}`, ...rows].join('\n');
}
