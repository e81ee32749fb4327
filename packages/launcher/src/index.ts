export { CONFERENCE_STATES, TRANSITIONS, TRIGGERS, type Trigger } from './conference-states.ts';
export { launcher } from './launcher.ts';
export { explainReason, FAILURES, REFUSALS, RESTRICTIONS } from './planner/plan-reasons.ts';
