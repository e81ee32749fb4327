/** The example company as the local stack makes it; its README names these. */
export const DOMAIN = 'corp.example';
export const PASSWORD = 'demo';
export const PEOPLE = ['anna', 'boris', 'chloe', 'dmitri', 'elena', 'farid'] as const;

export type PersonId = (typeof PEOPLE)[number];

export function addressOf(id: string): string {
  return `${id}@${DOMAIN}`;
}

/** The account that the workers sign in with, as the simulator's control API names it. */
export const SERVICE_LOGIN = 'calendar';
export const SERVICE_PASSWORD = 'demo-service';
