import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { appInput, userInput } from './control-input.ts';
import type { OAuthApp, SimulatedUser } from './simulator-options.ts';

const seed = z.object({ users: z.array(userInput).default([]), oauthApps: z.array(appInput).optional() }).strict();

/** @throws Error naming the file and the wrong field. */
export function readSeed(path: string): { users: SimulatedUser[]; oauthApps: OAuthApp[] | undefined } {
  const parsed = seed.safeParse(parseJson(path));
  if (!parsed.success) throw new Error(`seed file ${path}: ${z.prettifyError(parsed.error)}`);
  return { users: parsed.data.users, oauthApps: parsed.data.oauthApps };
}

function parseJson(path: string): unknown {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Error(`seed file ${path}: ${(error as Error).message}`);
  }
}
