import {
  type FaultInput,
  type JournalEntry,
  type OAuthApp,
  type SimulatedUser,
  type SimulatorControl,
  startTrueConfSimulator,
  type TrueConference,
} from 'trueconf-simulator';

/** The application by which launchers sign in. */
export const LAUNCHER_APP: OAuthApp = {
  clientId: 'launcher',
  clientSecret: 'secret',
  scopes: ['conferences', 'conferences.invitations', 'conferences.participants:read', 'users:read'],
};

/** What goes wrong with a request, before or after it has had its effect. */
export const FAULTS = {
  'cut before': { kind: 'cut' },
  'cut after': { kind: 'cut', when: 'after' },
  'proxy error before': { kind: 'html', status: 503 },
  'proxy error after': { kind: 'html', when: 'after' },
  refusal: { kind: 'status', status: 400, reason: 'notAllowed' },
} as const satisfies Record<string, Partial<FaultInput>>;

/** A conference as the server really has it, with the short ids of the people on its list and of those that it rang. */
interface SeenConference extends Omit<TrueConference, 'invitations' | 'rings'> {
  readonly invitations: readonly string[];
  readonly rings: readonly string[];
}

/** A simulated TrueConf Server as tests of the launcher look at it. */
export interface TrueConf {
  readonly serverId: string;
  readonly url: string;
  readonly control: SimulatorControl;
  /** Every conference that it has or had, oldest first. */
  all(): SeenConference[];
  /** Those that it still has. */
  present(): SeenConference[];
  /** What launchers asked for besides tokens and the server's own description. */
  asked(): JournalEntry[];
  close(): Promise<void>;
}

/** @param users short ids; their addresses are `<id>@corp.example` */
export async function startTrueConf(serverId: string, users: readonly string[]): Promise<TrueConf> {
  const simulator = await startTrueConfSimulator({ serverId, oauthApps: [LAUNCHER_APP], users: users.map(userOf) });
  const { control } = simulator;
  const all = () => control.conferences().map((conference) => seen(conference, serverId));
  return {
    serverId,
    url: simulator.url,
    control,
    all,
    present: () => all().filter(({ deletedAtMs }) => deletedAtMs === null),
    asked: () => control.requests().filter(({ route }) => !['token', 'server'].includes(route)),
    close: () => simulator.close(),
  };
}

/** A user with the address `<id>@corp.example`. */
export function userOf(id: string): SimulatedUser {
  return { id, email: `${id}@corp.example` };
}

function seen(conference: TrueConference, serverId: string): SeenConference {
  const short = (id: string) => id.replace(`@${serverId}`, '');
  return {
    ...conference,
    invitations: conference.invitations.map(({ id }) => short(id)),
    rings: conference.rings.map(({ to }) => short(to)),
  };
}
