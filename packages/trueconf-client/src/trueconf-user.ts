/** A user of one TrueConf Server, as much of the profile as the connector needs. */
export interface TrueConfUser {
  /** Short id on the own server, as in `anna`. */
  id: string;
  /** Full id, `anna@server.name`; null when the server left it out. */
  uid: string | null;
  loginName: string | null;
  email: string | null;
  displayName: string | null;
  isActive: boolean;
  /** -2 not active, -1 invalid, 0 offline, 1 and 5 online, 2 busy, 3 multi-host; null when the server left it out. */
  status: number | null;
}
