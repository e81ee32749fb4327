import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { databaseOptions, ExchangeControl, LocalStack, PEOPLE, TrueConfControl, until } from 'stack-driver';
import { Fleet, type FleetPlan } from './fleet.ts';
import { PersonClient } from './person-client.ts';

/** Everything that a story plays in: servers, database, workers, and a client for every person. */
export class World {
  readonly stack: LocalStack;
  readonly database: SqlDatabase;
  readonly exchange: ExchangeControl;
  readonly trueconf: TrueConfControl;
  readonly fleet: Fleet;
  readonly clients: readonly PersonClient[];

  private constructor(stack: LocalStack, database: SqlDatabase, fleet: Fleet) {
    this.stack = stack;
    this.database = database;
    this.fleet = fleet;
    this.exchange = new ExchangeControl(stack.addresses.exchangeControl);
    this.trueconf = new TrueConfControl(stack.addresses.trueconfControl);
    this.clients = PEOPLE.map((id) => new PersonClient(fleet.gatewayUrl, id));
  }

  /**
   * Starts all of it; the stories begin when every mailbox is cached and every client subscribed.
   *
   * @param planOf what workers there are, knowing the stack
   */
  static async start(planOf: (stack: LocalStack) => FleetPlan | Promise<FleetPlan>): Promise<World> {
    const stack = await LocalStack.start();
    let world: World | undefined;
    try {
      const fleet = await Fleet.start(stack, await planOf(stack));
      world = new World(stack, new SqlDatabase(databaseOptions(stack.addresses.database, 'scenario')), fleet);
      await world.#settled();
      return world;
    } catch (error) {
      await (world?.end({ keepLogs: true }) ?? stack.stop({ keepLogs: true }));
      throw error;
    }
  }

  async end({ keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
    for (const client of this.clients) client.stop();
    await this.fleet.stop();
    await this.database.close();
    await this.stack.stop({ keepLogs });
  }

  async #settled(): Promise<void> {
    await until('every mailbox is cached', async () => {
      const { rows } = await this.database.query<{ uncached: number; total: number }>(
        'SELECT count(*)::int AS total, (count(*) FILTER (WHERE cached_at IS NULL))::int AS uncached FROM calendar.mailbox',
      );
      return rows[0]?.uncached === 0 && rows[0].total > 0 ? true : undefined;
    });
    await Promise.all(this.clients.map((client) => client.live()));
  }
}
