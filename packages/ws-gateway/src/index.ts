export { wsGateway } from './ws-gateway.ts';
