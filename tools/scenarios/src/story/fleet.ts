import {
  fillCompileCache,
  freePorts,
  type LocalStack,
  type WorkerConfig,
  type WorkerName,
  WorkerProcess,
  writeWorkerConfig,
} from 'stack-driver';

const OPS_PORTS = { 'sync-worker': 'syncWorker', 'ws-gateway': 'wsGateway', launcher: 'launcher' } as const;

export interface FleetPlan {
  /** How many of each kind. */
  readonly count: Readonly<Record<WorkerName, number>>;
  /** Alters the config that all of them read. */
  readonly change?: (config: WorkerConfig) => void;
  /** Alters the config of the gateways alone, after `change`. */
  readonly changeGateways?: (config: WorkerConfig) => void;
}

/** The workers of a scenario, each a process of its own. */
export class Fleet {
  readonly workers: readonly WorkerProcess[];
  readonly gatewayUrl: string;

  private constructor(workers: readonly WorkerProcess[], gatewayUrl: string) {
    this.workers = workers;
    this.gatewayUrl = gatewayUrl;
  }

  /** Starts all and waits until each is ready. @throws NotInTimeError */
  static async start(stack: LocalStack, plan: FleetPlan): Promise<Fleet> {
    const { config: stackConfig, logs } = stack.addresses;
    const [wsPort, ports] = [await freePorts(1), await opsPorts(plan.count)];
    const common = (config: WorkerConfig) => {
      config.wsPort = wsPort;
      config.ops.ports = ports;
      plan.change?.(config);
    };
    const config = await writeWorkerConfig(stackConfig, 'workers', common);
    const gatewayConfig = await writeWorkerConfig(stackConfig, 'gateways', (draft) => {
      common(draft);
      plan.changeGateways?.(draft);
    });
    await fillCompileCache(Object.keys(plan.count) as WorkerName[], logs);
    const workers = Object.entries(plan.count).flatMap(([kind, count]) => {
      const name = kind as WorkerName;
      const place = {
        name,
        config: name === 'ws-gateway' ? gatewayConfig : config,
        opsPort: ports[OPS_PORTS[name]],
        logs,
      };
      return Array.from({ length: count }, (_, instance) => new WorkerProcess({ ...place, instance }));
    });
    const fleet = new Fleet(workers, `ws://127.0.0.1:${wsPort}/websocket/calendar`);
    try {
      await Promise.all(workers.map((worker) => worker.ready()));
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  of(name: WorkerName): WorkerProcess[] {
    return this.workers.filter(({ place }) => place.name === name);
  }

  /** The worker that runs as this process; undefined when it is dead or not ours. */
  byPid(pid: number): WorkerProcess | undefined {
    return this.workers.find((worker) => worker.running && worker.pid === pid);
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }
}

async function opsPorts(count: FleetPlan['count']): Promise<Record<'syncWorker' | 'wsGateway' | 'launcher', number>> {
  const first = await freePorts(count['sync-worker'] + count['ws-gateway'] + count.launcher);
  return {
    syncWorker: first,
    wsGateway: first + count['sync-worker'],
    launcher: first + count['sync-worker'] + count['ws-gateway'],
  };
}
