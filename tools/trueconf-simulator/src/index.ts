export type { ConferenceRecord, Ring, StateChange } from './conference-store.ts';
export type { Fault, FaultInput } from './faults.ts';
export type { JournalEntry, Transition } from './journal.ts';
export type { SimulatorControl, TrueConference } from './simulator-control.ts';
export {
  defaultOAuthApp,
  type OAuthApp,
  type SimulatedUser,
  type TrueConfSimulatorOptions,
} from './simulator-options.ts';
export { startTrueConfSimulator, type TrueConfSimulator } from './start-simulator.ts';
