export type { TrueOccurrence } from './control/truth.ts';
export type { FaultRule } from './faults/fault-rule.ts';
export type { JournalEntry } from './journal.ts';
export {
  type ExchangeSimulator,
  startExchangeSimulator,
} from './start-exchange-simulator.ts';
