export { Gateway } from './gateway.ts';
export { wsGateway } from './ws-gateway.ts';
