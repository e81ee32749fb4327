export { Gateway } from './gateway.ts';
export { gatewayWorker } from './gateway-worker.ts';
