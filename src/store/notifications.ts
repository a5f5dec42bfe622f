import pg from 'pg';

export interface Subscription {
  /** Whether notifications arrive; while false, nothing may be trusted to be current. */
  readonly listening: boolean;
  close(): Promise<void>;
}

/**
 * Listens on a channel over a connection of its own, and comes back when the connection is lost. `onChange` runs for
 * each notification, and whenever some may have been missed.
 * @param name what the connection is called at the server
 */
export function subscribe(
  connectionString: string,
  channel: string,
  onChange: () => void,
  name = `portolan ${channel}`,
): Subscription {
  let client: pg.Client | undefined;
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  const state = { listening: false };

  const connect = async () => {
    const next = new pg.Client({ connectionString, application_name: name, keepAlive: true });
    client = next;
    let lost = false;
    const lose = () => {
      if (lost) return;
      lost = true;
      state.listening = false;
      onChange();
      void next.end().catch(() => {});
      if (!closed) retry = setTimeout(() => void connect(), 250).unref();
    };
    next.on('error', lose);
    next.on('end', lose);
    next.on('notification', onChange);
    try {
      await next.connect();
      await next.query(`listen ${pg.escapeIdentifier(channel)}`);
      state.listening = true;
      onChange();
    } catch {
      lose();
    }
  };
  void connect();
  return {
    get listening() {
      return state.listening;
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      state.listening = false;
      await client?.end().catch(() => {});
    },
  };
}
