/**
 * The comparable form of a TrueConf id: instance (`/xyz`) cut, lower case, and without `@server` when that is the
 * server's own name, so that `Anna@conf.example/7` and `anna` are the same on `conf.example`.
 *
 * @param serverId own server, with or without `#vcs`; without it the domain part stays.
 */
export function canonicalTrueConfId(id: string, serverId?: string): string {
  const withoutInstance = (id.split('/', 1)[0] ?? '').trim().toLowerCase();
  if (serverId === undefined) return withoutInstance;
  const ownDomain = `@${serverId.trim().toLowerCase().replace(/#vcs$/, '')}`;
  const short = withoutInstance.replace(/#vcs$/, '');
  return short.endsWith(ownDomain) ? short.slice(0, -ownDomain.length).trim() : withoutInstance;
}
