/** How people are shown: `PxP` all on screen, `OxP` lecture, `S|L` role-based, `S|L Auto` smart meeting. */
type ConferenceMode = 'PxP' | 'OxP' | 'S|L' | 'S|L Auto';

/** A person on the conference's list. `isModerator` is only honoured when the conference is created. */
export interface Invitation {
  id: string;
  displayName?: string;
  isModerator?: boolean;
}

/** `none`: started by a `run` only. `once`: the server starts it by itself at `start`. */
export type ConferenceSchedule =
  | { type: 'none' }
  | { type: 'once'; start: Date; durationSeconds: number; utcOffsetMinutes: number };

export interface ConferenceInput {
  /** 1 to 240 characters. */
  topic: string;
  /** TrueConf id of the owner. */
  owner: string;
  /** Own conference id: letters, digits, underscore, 1 to 128. Without it the server generates digits. */
  id?: string;
  description?: string;
  /** Default `PxP`. */
  mode?: ConferenceMode;
  /** Default `private`. */
  access?: 'private' | 'public';
  /** Default `none`. */
  schedule?: ConferenceSchedule;
  invitations?: Invitation[];
  /** Call the invited people when the conference starts. Default false. */
  autoInvite?: boolean;
  tags?: string[];
}

/** Fields to change; what is absent stays. Invitations have their own calls. */
export type ConferencePatch = Partial<Omit<ConferenceInput, 'id' | 'invitations'>>;

/** A conference as the server tells it. Fields that the server left out are null or empty. */
export interface Conference {
  id: string;
  topic: string;
  /** Owner as the server spells it; compare with `canonicalTrueConfId`. */
  owner: string;
  /** A conference that waits for its time is `stopped` too. */
  state: 'running' | 'stopped';
  description: string | null;
  schedule: { type: string; start: Date | null; durationSeconds: number | null };
  invitations: Invitation[];
  autoInvite: boolean | null;
  tags: string[];
  /** Page that opens the conference, `https://server/c/<CID>`. */
  url: string | null;
  webClientUrl: string | null;
  sessionId: string | null;
}
