import { type ExchangeSimulator, startExchangeSimulator } from '../start-exchange-simulator.ts';

/** One call of the control API; the status and the parsed JSON, whose shape the test states. */
export async function control<T = unknown>(
  simulator: Pick<ExchangeSimulator, 'controlUrl'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; json: T }> {
  const response = await fetch(simulator.controlUrl + path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, json: (await response.json()) as T };
}

/** The little company of the tests: three people, a service account that may act for all, one that may not. */
export async function startCompany(): Promise<ExchangeSimulator> {
  const simulator = await startExchangeSimulator();
  await control(simulator, 'POST', '/seed', {
    mailboxes: [
      { address: 'anna@corp.example', displayName: 'Anna', password: 'demo', aliases: ['a.adams@corp.example'] },
      { address: 'boris@corp.example', displayName: 'Boris', password: 'demo' },
      { address: 'chloe@corp.example', displayName: 'Chloe', password: 'demo' },
    ],
    accounts: [
      { login: 'svc', principalName: 'svc@corp.example', password: 'secret', impersonates: 'all' },
      { login: 'limited', password: 'secret', impersonates: ['boris@corp.example'] },
      { login: 'nobody', password: 'secret' },
    ],
  });
  return simulator;
}
