export {
  clearSignInAttempts,
  countSignInAttempt,
  forgetExpiredSignIns,
  readRefreshToken,
  revokeRefreshTokens,
  storeRefreshToken,
  takeBackSignInAttempt,
} from './sign-in.ts';
