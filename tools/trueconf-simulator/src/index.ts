export type { ConferenceRecord } from './conference-store.ts';
export type { JournalEntry } from './journal.ts';
export type { SimulatedUser } from './simulator-options.ts';
export { startTrueConfSimulator, type TrueConfSimulator } from './start-simulator.ts';
