import { EwsAuthError } from './ews-error.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

/**
 * Stands before every use of the password, or of a token: Basic sends it with each request, NTLM once for a connection. Whoever
 * shares an account with others bounds here how many uses may be under way, and so how often a wrong password can be refused.
 */
export interface SignInGate {
  /**
   * Resolves when the password may be sent.
   * @param proof what a use sends: with a ticket the password, or the key in its place, only leaves for a new ticket
   * @throws what the call is to end with; the signal's reason
   */
  enter(signal: AbortSignal, proof?: SignInProof): Promise<SignInUse>;
}

export type SignInProof = 'password' | 'ticket';

/** One use under way. Exactly one of its functions is called, as soon as the server's verdict is known. */
export interface SignInUse {
  /** The server let us in. */
  accepted(): void;
  /** The server refused the login; rejects when that cannot be noted. */
  refused(error: EwsAuthError): Promise<void>;
  /** No verdict came. @param mayBeRefused whether the server may have refused the password all the same */
  unanswered(mayBeRefused: boolean): Promise<void>;
}

/** Lets everything through: for an account that nobody else uses. */
export const openGate: SignInGate = {
  enter: async () => ({ accepted: () => undefined, refused: async () => undefined, unanswered: async () => undefined }),
};

/**
 * Sends a request that holds the password, through the gate.
 * @param send resolves with the reply of a server that let us in, and throws EwsAuthError when it refused
 */
export async function sendThrough(
  gate: SignInGate,
  { signal }: TransportRequest,
  send: () => Promise<TransportReply>,
  proof: SignInProof = 'password',
): Promise<TransportReply> {
  const use = await gate.enter(signal, proof);
  let reply: TransportReply;
  try {
    reply = await send();
  } catch (failure) {
    if (failure instanceof EwsAuthError) await use.refused(failure);
    // A call that was given up may have been refused; one whose connection failed was not answered at all.
    else await use.unanswered(signal.aborted);
    throw failure;
  }
  use.accepted();
  return reply;
}
