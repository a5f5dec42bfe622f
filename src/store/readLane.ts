import pg from 'pg';

/**
 * A few connections that all requests share for reads of single rows: statements are sent without waiting for the
 * answers of those before, which saves the checkout from the pool and half of the system calls. A transaction or a long
 * statement has no place here, since it would hold up what is sent behind it.
 */
export class ReadLane {
  private readonly lanes: Lane[];

  constructor(makeClient: () => pg.Client, size: number) {
    this.lanes = Array.from({ length: size }, () => new Lane(makeClient));
  }

  /** The rows of a prepared statement; undefined while no lane is connected, for the caller to take the pool. */
  query<Row>(name: string, text: string, values: readonly unknown[]): Promise<Row[]> | undefined {
    let best: Lane | undefined;
    for (const lane of this.lanes) {
      if (lane.ready() && (!best || lane.inFlight < best.inFlight)) best = lane;
    }
    return best?.query(name, text, values);
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }
}

const reconnectMs = 250;

class Lane {
  inFlight = 0;
  private client: pg.Client | undefined;
  private state: 'idle' | 'connecting' | 'connected' | 'closed' = 'idle';

  constructor(private readonly makeClient: () => pg.Client) {}

  /** Connects at the first question, so that a process that reads nothing holds no connection. */
  ready(): boolean {
    if (this.state === 'idle') void this.connect();
    return this.state === 'connected';
  }

  async query<Row>(name: string, text: string, values: readonly unknown[]): Promise<Row[]> {
    this.inFlight++;
    try {
      return (await (this.client as pg.Client).query({ name, text, values: values as unknown[] })).rows as Row[];
    } finally {
      this.inFlight--;
    }
  }

  async close(): Promise<void> {
    this.state = 'closed';
    await this.client?.end().catch(() => {});
  }

  private async connect(): Promise<void> {
    this.state = 'connecting';
    const client = this.makeClient();
    const lose = () => this.lose(client);
    client.on('error', lose);
    client.on('end', lose);
    try {
      await client.connect();
      if (this.state !== 'connecting') return void (await client.end());
      this.client = client;
      this.state = 'connected';
    } catch {
      lose();
    }
  }

  private lose(client: pg.Client): void {
    if (this.state === 'closed' || (this.client && this.client !== client)) return;
    this.client = undefined;
    this.state = 'connecting';
    void client.end().catch(() => {});
    setTimeout(() => {
      if (this.state !== 'closed') this.state = 'idle';
    }, reconnectMs).unref();
  }
}
