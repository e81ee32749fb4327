import {
  freePorts,
  LocalStack,
  type WorkerConfig,
  type WorkerName,
  WorkerProcess,
  writeWorkerConfig,
} from 'stack-driver';

/** Database, simulators, and whichever workers the bench wants, each a process of its own. */
export interface BenchStack {
  readonly stack: LocalStack;
  readonly gatewayUrl: string;
  /** Starts a worker, with a config of its own when there is one, and waits until it is ready. @throws NotInTimeError */
  start(name: WorkerName, config?: string): Promise<WorkerProcess>;
  /** Writes a further config: the bench's own with some changes. @returns its file */
  config(name: string, change: (config: WorkerConfig) => void): Promise<string>;
}

/** Runs a bench on a stack of its own and ends everything that it started, also when it fails. */
export async function withStack<Result>(
  changeConfig: (config: WorkerConfig) => void,
  run: (bench: BenchStack) => Promise<Result>,
): Promise<Result> {
  const stack = await LocalStack.start();
  const workers: WorkerProcess[] = [];
  try {
    const opsPort = await freePorts(3);
    const wsPort = await freePorts(1);
    const write = (name: string, change: (config: WorkerConfig) => void) =>
      writeWorkerConfig(stack.addresses.config, name, (draft) => {
        draft.wsPort = wsPort;
        draft.ops.ports = { syncWorker: opsPort, wsGateway: opsPort + 1, launcher: opsPort + 2 };
        changeConfig(draft);
        change(draft);
      });
    const own = await write('bench', () => undefined);
    const start = async (name: WorkerName, config = own) => {
      const port = { 'sync-worker': opsPort, 'ws-gateway': opsPort + 1, launcher: opsPort + 2 }[name];
      const worker = new WorkerProcess({ name, instance: 0, config, opsPort: port, logs: stack.addresses.logs });
      workers.push(worker);
      await worker.ready();
      return worker;
    };
    return await run({ stack, gatewayUrl: `ws://127.0.0.1:${wsPort}/websocket/calendar`, start, config: write });
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await stack.stop({ keepLogs: false });
  }
}
