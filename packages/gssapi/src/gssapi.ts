import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { addonFile } from './addon-file.ts';
import { CallSlots } from './call-slots.ts';
import { GssapiError, GssapiMissingError, type GssapiStage } from './gssapi-error.ts';

/** Tickets of one principal, kept in memory until nothing refers to them any more. */
export interface GssapiCredential {
  /** How long the first ticket lasts from now on. */
  readonly lifetimeSeconds: number;
  /**
   * Begins a sign-in. Asks the KDC for the service's ticket at its first step, if the tickets do not hold it yet.
   * @param service `HTTP/host` or `HTTP/host@REALM` @param bindings what ties it to the channel; null: nothing
   */
  begin(service: string, bindings: Buffer | null): GssapiContext;
}

/** One sign-in, one step after another. */
export interface GssapiContext {
  /**
   * Makes the next token out of the server's last one; the first step has none.
   * @throws GssapiError, TypeError for a token that is empty or longer than 64 KiB; the signal's reason when it aborts
   */
  step(token: Buffer | null, signal: AbortSignal): Promise<GssapiStep>;
}

export interface GssapiStep {
  /** For the server; null when there is nothing more to send. */
  readonly token: Buffer | null;
  /** Whether the server has proven who it is. */
  readonly complete: boolean;
}

/** The Kerberos library of the system. */
export interface Gssapi {
  /**
   * Gets the first ticket with the keys of a keytab. Asks the KDC, which may take half a minute when it does not answer.
   * @param principal `name@REALM`, or `name` in the realm that krb5.conf names @param keytab path of a file
   * @throws GssapiError; TypeError for a name that is empty, longer than 1 KiB or holds a zero byte; the signal's reason
   */
  acquire(principal: string, keytab: string, signal: AbortSignal): Promise<GssapiCredential>;
}

interface Addon {
  acquireCredential(principal: string, keytab: string): Promise<{ credential: unknown; lifetimeSeconds: number }>;
  initContext(credential: unknown, service: string, bindings: Buffer | null): unknown;
  stepContext(context: unknown, token: Buffer | null): Promise<GssapiStep>;
}

/** Calls may wait for the network on the threads that Node also reads files and looks names up with: four by default. */
const slots = new CallSlots(2);
let loaded: Gssapi | undefined;

/**
 * The addon, loaded with the first call.
 * @throws GssapiMissingError saying what is missing and what to do
 */
export function loadGssapi(): Gssapi {
  loaded ??= gssapiOf(loadAddon(addonFile()));
  return loaded;
}

/** @throws GssapiMissingError */
export function loadAddon(file: string): Addon {
  if (!existsSync(file)) {
    const remedy = 'install a package of the connector that holds it, or build it with "pnpm run build-kerberos"';
    throw new GssapiMissingError(`this build has no Kerberos addon (${file}): ${remedy}`);
  }
  try {
    return createRequire(import.meta.url)(file) as Addon;
  } catch (failure) {
    const reason = failure instanceof Error ? failure.message : 'no reason given';
    const remedy = "install the system's Kerberos library (Debian: libgssapi-krb5-2, Red Hat: krb5-libs)";
    throw new GssapiMissingError(`the Kerberos addon cannot be loaded (${reason}): ${remedy}`);
  }
}

function gssapiOf(addon: Addon): Gssapi {
  return {
    acquire: async (principal, keytab, signal) => {
      const made = await call(signal, () => addon.acquireCredential(principal, keytab));
      return {
        lifetimeSeconds: made.lifetimeSeconds,
        begin: (service, bindings) => {
          const context = addon.initContext(made.credential, service, bindings);
          return { step: (token, stepSignal) => call(stepSignal, () => addon.stepContext(context, token)) };
        },
      };
    },
  };
}

async function call<Result>(signal: AbortSignal, run: () => Promise<Result>): Promise<Result> {
  try {
    return await slots.run(signal, run);
  } catch (failure) {
    throw signal.aborted ? signal.reason : asGssapiError(failure);
  }
}

function asGssapiError(failure: unknown): unknown {
  if (!(failure instanceof Error) || !('stage' in failure)) return failure;
  const { stage, symbol, keys } = failure as unknown as { stage: GssapiStage; symbol: string; keys: string };
  const held = keys === '' ? [] : keys.split(', ');
  return new GssapiError({ stage, symbol, reason: failure.message, keys: held });
}
