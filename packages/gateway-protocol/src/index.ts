export {
  type Attendee,
  type CalendarEvent,
  type EventConference,
  type EventOrganizer,
  type FullEvent,
  isMasked,
  MAX_LISTED_ATTENDEES,
  type MaskedEvent,
} from './calendar-event.ts';
export { CalendarClient } from './client/calendar-client.ts';
export type {
  CalendarChange,
  CalendarClientEvents,
  CalendarClientOptions,
  EventRange,
  SignedIn,
} from './client/calendar-client-options.ts';
export { type ClientEvent, type ClientState, clientTransitions, nextClientState } from './client/client-state.ts';
export {
  type ClientClock,
  reconnectDelayMs,
  systemClock,
  type WebSocketConstructor,
  type WebSocketLike,
} from './client/environment.ts';
export { ConnectionLostError, GatewayRefusedError, UnexpectedFrameError } from './client/gateway-error.ts';
export { SignInRefusedError, TokenSession, type TokenSessionOptions } from './client/token-session.ts';
export {
  type CloseCode,
  type CloseCodeMeaning,
  type CloseName,
  closeCode,
  closeCodes,
  describeCloseCode,
} from './close-codes.ts';
export {
  describeErrorCode,
  type ErrorCode,
  type ErrorCodeMeaning,
  type ErrorName,
  errorCode,
  errorCodes,
} from './error-codes.ts';
export {
  describeIssues,
  type FailurePayload,
  type ReadFrame,
  type RequestFrame,
  type ResponseFrame,
  readFrame,
  SUBPROTOCOL,
  TOKEN_PATH,
  WEBSOCKET_PATH,
} from './frame.ts';
export {
  type ClientMethod,
  clientMethods,
  type GatewayPush,
  gatewayPushes,
  isClientMethod,
  isGatewayPush,
  type MethodPayload,
  type MethodReply,
  type PushPayload,
} from './methods.ts';
export { formatPosition, type Position, parsePosition } from './position.ts';
export {
  type TokenRefusal,
  type TokenReply,
  type TokenRequest,
  tokenRefusal,
  tokenReply,
  tokenRequest,
} from './token-endpoint.ts';
