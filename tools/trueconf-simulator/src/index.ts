export type { FaultInput } from './faults.ts';
export type { JournalEntry } from './journal.ts';
export type { SimulatorControl, TrueConference } from './simulator-control.ts';
export type { OAuthApp, SimulatedUser } from './simulator-options.ts';
export { startTrueConfSimulator, type TrueConfSimulator } from './start-simulator.ts';
