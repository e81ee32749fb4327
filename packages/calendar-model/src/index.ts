export * from './address.ts';
export * from './calendar-window.ts';
export * from './event-identity.ts';
export * from './local-date.ts';
export * from './occurrence.ts';
export * from './time-zones.ts';
export * from './video-links.ts';
