import { canonicalAddress } from 'calendar-model';
import type { ConfigProblem } from './config-errors.ts';
import type { ConnectorConfig, ProviderConfig } from './config-schema.ts';
import type { ConfigText, JsonPath } from './config-text.ts';
import { problemAt } from './describe-problem.ts';
import { isLoopbackHost } from './schema/field-types.ts';
import { MAX_WINDOW_MONTHS } from './schema/vendor-sections.ts';

/** Sign-in methods that the config knows and this build cannot serve. */
const UNSUPPORTED_GATEWAY_AUTH: readonly string[] = ['oidc', 'product'];

/** The sections that are right by themselves; only they are compared with each other. */
export type GoodSections = Partial<ConnectorConfig>;

/** Mistakes that only show when keys are seen together. */
export function crossCheck(good: GoodSections, text: ConfigText): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const report: Report = (path, code, found, wanted) => {
    problems.push(problemAt(text.locate(path), code, found, wanted));
  };
  checkWindow(good, report);
  checkUsers(text, report);
  checkProviders(good, report);
  checkTrueConfServers(good, text, report);
  checkGateway(good, report);
  checkPorts(good, report);
  return problems;
}

type Report = (path: JsonPath, code: string, found: string, wanted: string) => void;

function checkWindow({ cache }: GoodSections, report: Report): void {
  if (!cache) return;
  const months = cache.backward + cache.forward;
  if (months >= 1 && months <= MAX_WINDOW_MONTHS) return;
  const wanted = `backward and forward to make 1 to ${MAX_WINDOW_MONTHS} months together (Exchange shows at most two years at once)`;
  report(['cache'], 'out-of-range', `a window of ${months} months`, wanted);
}

/** Looks at the text as written, so that repeated addresses are found even where something else is wrong too. */
function checkUsers(text: ConfigText, report: Report): void {
  const firstSeen = new Map<string, { provider: number; path: JsonPath }>();
  for (const { address, provider, index } of writtenUsers(text.value)) {
    const path = ['calendarProviders', provider, 'users', index];
    const first = firstSeen.get(address);
    if (!first) firstSeen.set(address, { provider, path });
    else if (first.provider !== provider) {
      report(
        path,
        'duplicate-user',
        `"${address}" again`,
        `each mailbox under one provider only (first on line ${text.locate(first.path).line})`,
      );
    }
  }
}

/** Every mailbox address under every provider. */
export function writtenUsers(config: unknown): { address: string; provider: number; index: number }[] {
  return list(property(config, 'calendarProviders')).flatMap((provider, providerIndex) =>
    list(property(provider, 'users')).flatMap((user, index) =>
      typeof user === 'string' ? [{ address: canonicalAddress(user), provider: providerIndex, index }] : [],
    ),
  );
}

function checkProviders({ calendarProviders = [] }: GoodSections, report: Report): void {
  for (const [index, provider] of calendarProviders.entries()) {
    const path = ['calendarProviders', index] as const;
    if (provider.auth === 'oauth' && provider.oauth === undefined) {
      const wanted = 'an "oauth" section {tokenUrl, clientId, clientSecret, scope} beside it';
      report([...path, 'auth'], 'oauth-missing', '"oauth" alone', wanted);
    }
    if (provider.auth === 'kerberos' && provider.kerberos === undefined) {
      const wanted = 'a "kerberos" section {principal, keytab} beside it';
      report([...path, 'auth'], 'kerberos-missing', '"kerberos" alone', wanted);
    }
    if (needsCredentials(provider) && provider.credentials.length === 0) {
      report([...path, 'credentials'], 'required', 'no account', 'one or more {login, password}');
    }
    if (provider.protocol === 'http' && !isLoopbackHost(provider.host)) {
      report(
        [...path, 'protocol'],
        'cleartext',
        `"http" to ${provider.host}`,
        '"https" (http only to this machine itself)',
      );
    }
  }
}

function needsCredentials({ auth, kerberos }: ProviderConfig): boolean {
  return auth === 'basic' || auth === 'ntlm' || (auth === 'auto' && kerberos === undefined);
}

function checkTrueConfServers({ trueconfServers = [] }: GoodSections, text: ConfigText, report: Report): void {
  for (const [index, server] of trueconfServers.entries()) {
    const path = ['trueconfServers', index] as const;
    const first = trueconfServers.findIndex((other) => other.serverId === server.serverId);
    if (first < index) {
      report(
        [...path, 'serverId'],
        'duplicate-server',
        `"${server.serverId}" again`,
        `one entry per server (first is trueconfServers[${first}])`,
      );
    }
    const written = property(list(property(text.value, 'trueconfServers'))[index], 'users');
    const seen = new Set<string>();
    for (const address of Object.keys(written ?? {})) {
      const canonical = canonicalAddress(address);
      if (seen.has(canonical))
        report([...path, 'users', address], 'duplicate-user', 'the same mailbox again', 'one TrueConf ID per mailbox');
      seen.add(canonical);
    }
  }
}

function checkGateway({ gateway }: GoodSections, report: Report): void {
  for (const [index, method] of (gateway?.auth ?? []).entries()) {
    if (!UNSUPPORTED_GATEWAY_AUTH.includes(method)) continue;
    report(['gateway', 'auth', index], 'unsupported', `"${method}", which this build does not have yet`, '"token"');
  }
  if (gateway && gateway.limits.pingSeconds >= gateway.limits.idleSeconds) {
    const { pingSeconds, idleSeconds } = gateway.limits;
    const wanted = `fewer than idleSeconds (${idleSeconds}), or quiet clients are closed`;
    report(['gateway', 'limits', 'pingSeconds'], 'out-of-range', `${pingSeconds}`, wanted);
  }
}

function checkPorts({ wsPort, ops }: GoodSections, report: Report): void {
  const taken = new Map<number, string>(wsPort === undefined ? [] : [[wsPort, 'wsPort']]);
  for (const [kind, port] of Object.entries(ops?.ports ?? {})) {
    const other = taken.get(port);
    if (other) report(['ops', 'ports', kind], 'duplicate-port', `${port}, which ${other} has too`, 'a port of its own');
    taken.set(port, `ops.ports.${kind}`);
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
