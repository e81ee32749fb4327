import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

describe('what a browser loads of this package', () => {
  const folders = ['./', './client/'].map((name) => new URL(name, import.meta.url));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
  );

  it('uses nothing that only Node has', () => {
    expect(files.length).toBeGreaterThan(10);
    for (const { name, text } of files) expect(text, name).not.toMatch(/from 'node:|\bBuffer\b|\bprocess\.|__dirname/u);
  });

  it('takes types alone from calendar-model, whose code needs Node', () => {
    for (const { name, text } of files) expect(text, name).not.toMatch(/import (?!type).*'calendar-model'/u);
  });
});
