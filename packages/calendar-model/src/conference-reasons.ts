/** Why an event gets no conference, in words for administrators. Codes are stored and never change their meaning. */
export const REFUSALS = {
  'event-gone': 'No calendar that is read holds the event any more.',
  'event-deleted': 'The organizer deleted the event.',
  cancelled: 'The event was cancelled.',
  'duplicate-uid': 'Another meeting in the same mailbox has the same UID, and the conference is that one’s.',
  'details-missing': 'Exchange could not give the event’s details, so nobody knows who takes part.',
  'all-day': 'All-day events get no conference.',
  private: 'The event is private and `privacy.storePrivate` is off.',
  'before-activation': 'The event began before the launcher was first allowed to start conferences.',
  'other-video-service': 'The event carries a link to another video service.',
  'foreign-server': 'The event carries a link to a TrueConf Server that is not in `productWhitelist.tcs`.',
  'server-not-configured':
    'The TrueConf Server is whitelisted but has no entry in `trueconfServers`; add one with its address and OAuth application.',
  'no-server': '`productWhitelist.tcs` names no TrueConf Server.',
  'no-link': 'The event carries no TrueConf link and `conferences.match` is `links`.',
  'not-a-meeting': 'Nobody but the organizer takes part.',
  'too-few-people': 'Fewer people take part than `conferences.minimumPeople`.',
  'declined-by-all': 'Everybody invited has declined.',
  'external-organizer':
    'The organizer is neither a TrueConf user nor listed in `users`, and `conferences.externalOrganizers` is off.',
  'mapping-pending': 'TrueConf Server has not yet been asked who the organizer is.',
  'no-owner': 'No participant is known to TrueConf Server and `conferences.defaultOwner` is not set.',
} as const;

/** Why a conference that is wanted is not run. */
export const RESTRICTIONS = {
  'dry-run': '`conferences.dryRun` is on: everything is planned, nothing is done.',
  'launch-off': '`launchConference` is off: conferences are shown, nobody starts them.',
  'not-plannable':
    'The event could not be planned, so its conference is not started until it is; the launcher’s health says why.',
  'link-organizer-unknown': 'Who organizes the event is not known to the server of its link.',
  'link-organizer-pending': 'The server of the link has not yet been asked who the organizer is.',
} as const;

/** What the server's answers made of a conference; stored as its failure. */
export const FAILURES = {
  'link-not-found': 'The server does not know the conference of the link.',
  'link-not-owned': 'The conference of the link belongs to somebody else than the organizer.',
  'id-taken': 'The conference id is taken by a conference that is not ours.',
  vanished: 'The conference disappeared from the server twice.',
  refused: 'The server refused for good; what it said follows after the colon.',
  'change-refused': 'The server refused a change; the conference stays as it was.',
  'not-seen-running': 'The server accepted the start and said a moment later that the conference is not running.',
} as const;

export type Refusal = keyof typeof REFUSALS;
export type Restriction = keyof typeof RESTRICTIONS;

/** The explanation of a stored reason or failure; unknown codes explain themselves. */
export function explainReason(code: string): string {
  const all: Readonly<Record<string, string>> = { ...REFUSALS, ...RESTRICTIONS, ...FAILURES };
  return all[code] ?? all[code.split(':', 1)[0] ?? ''] ?? code;
}
