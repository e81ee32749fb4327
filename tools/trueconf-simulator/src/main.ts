#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { readSeed } from './seed-file.ts';
import { startTrueConfSimulator, type TrueConfSimulator } from './start-simulator.ts';

const options = await yargs(hideBin(process.argv))
  .scriptName('trueconf-simulator')
  .usage('$0 [options]\n\nA TrueConf Server API double with fault injection and a journal of every request.')
  .option('host', { type: 'string', default: '127.0.0.1', describe: 'address to listen on' })
  .option('port', { type: 'number', default: 0, describe: 'port of the REST API; 0 takes a free one' })
  .option('control-port', { type: 'number', default: 0, describe: 'port of the control API' })
  .option('server-id', { type: 'string', default: 'conf.example', describe: 'name of the simulated server' })
  .option('seed', { type: 'string', describe: 'JSON file with {"users":[...],"oauthApps":[...]}' })
  .option('journal', { type: 'string', describe: 'file to which finished journal entries are appended as JSON lines' })
  .option('token-lifetime', { type: 'number', default: 3600, describe: 'lifetime of access tokens in seconds' })
  .option('tls-key', { type: 'string', implies: 'tls-cert', describe: 'PEM file with the private key' })
  .option('tls-cert', { type: 'string', implies: 'tls-key', describe: 'PEM file with the certificate' })
  .option('json', { type: 'boolean', default: false, describe: 'print one JSON line when ready' })
  .strict()
  .parse();

try {
  const tls =
    options.tlsKey && options.tlsCert
      ? { key: readFileSync(options.tlsKey, 'utf8'), cert: readFileSync(options.tlsCert, 'utf8') }
      : undefined;
  const simulator = await startTrueConfSimulator({
    ...(options.seed === undefined ? {} : readSeed(options.seed)),
    host: options.host,
    port: options.port,
    controlPort: options.controlPort,
    serverId: options.serverId,
    tokenLifetimeSeconds: options.tokenLifetime,
    journalFile: options.journal,
    tls,
  });
  announce(simulator);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void simulator.close());
} catch (error) {
  process.stderr.write(`trueconf-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function announce({ url, controlUrl, serverId }: TrueConfSimulator): void {
  const line = options.json
    ? JSON.stringify({ ready: true, url, controlUrl, serverId, pid: process.pid })
    : `TrueConf simulator ${serverId}: REST API ${url}, control API ${controlUrl}`;
  process.stdout.write(`${line}\n`);
}
