export type { ConferenceRecord, Ring, StateChange } from './conference-store.ts';
export type { JournalEntry, Transition } from './journal.ts';
export {
  defaultOAuthApp,
  type OAuthApp,
  type SimulatedUser,
  type TrueConfSimulatorOptions,
} from './simulator-options.ts';
export { startTrueConfSimulator, type TrueConfSimulator } from './start-simulator.ts';
