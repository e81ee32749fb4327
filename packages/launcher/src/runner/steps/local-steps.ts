import type { ClaimedConference, ConferenceOutcome, LocalStep } from 'calendar-db/conferences';
import { appUrl, conferenceId } from '../conference-id.ts';
import { moved } from '../outcome.ts';

const NOTHING = {
  held: null,
  heldServer: null,
  cid: null,
  url: null,
  appUrl: null,
  mayRun: null,
  invited: [],
} as const;

/** What a local step may know besides the row. */
export interface LocalFacts {
  readonly salt: Uint8Array;
  /** Unix ms by the database's clock. */
  readonly now: number;
}

/** The steps that ask no server: each only moves the row on. */
const LOCAL: { readonly [Step in LocalStep]: (work: ClaimedConference, facts: LocalFacts) => ConferenceOutcome } = {
  withdraw: (work) => moved(work, 'withdraw', { ...NOTHING, failure: null, appliedVersion: work.wantedVersion }),
  adopt: (work) =>
    moved(work, 'adopt', {
      held: 'link',
      heldServer: work.serverId,
      cid: work.linkCid,
      url: work.linkUrl,
      appUrl: appUrl(work.linkCid ?? '', work.serverId ?? ''),
      mayRun: null,
      invited: [],
      appliedVersion: work.wantedVersion,
      failure: null,
    }),
  cancel: (work, { salt }) => moved(work, 'cancel', work.state === 'planned' ? maybeCreated(work, salt) : {}),
  letGo: (work) => moved(work, 'letGo', { ...NOTHING, failure: null, appliedVersion: appliedUnlessWanted(work) }),
  miss: (work) => moved(work, 'miss', { appliedVersion: work.wantedVersion }),
  close: (work) => moved(work, 'close', { appliedVersion: work.wantedVersion }),
  revive: (work) =>
    moved(work, 'revive', {
      ...NOTHING,
      life: work.life + 1,
      confirmed: false,
      recreated: false,
      appliedVersion: 0,
      failure: null,
    }),
  acknowledge: (work, { now }) => acknowledged(work, now),
};

/** Carries out a step that asks no server. */
export function localStep(work: ClaimedConference<LocalStep>, facts: LocalFacts): ConferenceOutcome {
  return LOCAL[work.step](work, facts);
}

/** Its creation was asked for and nobody saw the answer: if it exists, it has the id that we gave it. */
function maybeCreated(work: ClaimedConference, salt: Uint8Array) {
  const serverId = work.openIntentServer ?? '';
  return { held: 'own', heldServer: serverId, cid: conferenceId(salt, { ...work, serverId }) } as const;
}

function appliedUnlessWanted(work: ClaimedConference): number {
  return work.wanted === 'none' ? work.wantedVersion : work.wantedVersion - 1;
}

/** The change is noted and nothing done: the conference is left running, or it is over. */
function acknowledged(work: ClaimedConference, now: number): ConferenceOutcome {
  const isRunning = work.state === 'running';
  const isMoved = isRunning && work.wanted !== 'none' && work.openAt.getTime() > now;
  const reason = !isRunning ? null : work.wanted === 'none' ? 'cancelled-while-running' : 'moved-while-running';
  return moved(
    work,
    'acknowledge',
    { appliedVersion: work.wantedVersion, ...(isMoved && { confirmed: false }) },
    { reason },
  );
}
