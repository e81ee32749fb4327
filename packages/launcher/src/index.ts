export { CONFERENCE_STATES, TRANSITIONS, TRIGGERS, type Trigger } from './conference-states.ts';
export { launcher } from './launcher.ts';
