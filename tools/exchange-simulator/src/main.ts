import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { startExchangeSimulator } from './start-exchange-simulator.ts';

const args = await yargs(hideBin(process.argv))
  .scriptName('exchange-simulator')
  .usage('$0 [options]\n\nAn Exchange Web Services test double. It is empty until seeded over its control API.')
  .option('host', { type: 'string', default: '127.0.0.1', describe: 'address of the EWS listener' })
  .option('port', { type: 'number', default: 0, describe: 'port of the EWS listener, 0 for any' })
  .option('control-port', { type: 'number', default: 0, describe: 'port of the control API on 127.0.0.1, 0 for any' })
  .option('tls-key', { type: 'string', describe: 'PEM file with the key; serves HTTPS', implies: 'tls-cert' })
  .option('tls-cert', { type: 'string', describe: 'PEM file with the certificate', implies: 'tls-key' })
  .option('json', { type: 'boolean', default: false, describe: 'print one ready line as JSON' })
  .strict()
  .parse();

const tls =
  args.tlsKey === undefined || args.tlsCert === undefined
    ? {}
    : { tls: { key: readFileSync(args.tlsKey, 'utf8'), cert: readFileSync(args.tlsCert, 'utf8') } };

try {
  const simulator = await startExchangeSimulator({
    host: args.host,
    port: args.port,
    controlPort: args.controlPort,
    ...tls,
  });
  const { ewsUrl, tokenUrl, controlUrl, port } = simulator;
  process.stdout.write(
    args.json
      ? `${JSON.stringify({ ready: true, ewsUrl, tokenUrl, controlUrl, port })}\n`
      : `EWS ${ewsUrl}\ntokens ${tokenUrl}\ncontrol ${controlUrl}\n`,
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.close());
} catch (error) {
  process.stderr.write(`exchange-simulator cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
