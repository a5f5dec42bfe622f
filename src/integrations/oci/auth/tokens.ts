/** A bearer token, and how long it may be sent. */
export interface IssuedToken {
  token: string;
  /** In milliseconds since 1970. */
  usableUntil: number;
}

/** Tokens of the accesses, by what they were issued for; each is asked for once, however many wait for it. */
export interface TokenStore {
  get(
    accessKey: string,
    purpose: string,
    issue: (signal: AbortSignal) => Promise<IssuedToken>,
    signal?: AbortSignal,
  ): Promise<string>;
  /** Forgets a token that was refused; one that came meanwhile stays. */
  drop(accessKey: string, purpose: string, token: string): void;
  forget(accessKey: string): void;
}

interface Flight {
  issued: Promise<IssuedToken>;
  waiting: number;
  ending: AbortController;
}

interface Shelf {
  tokens: Map<string, IssuedToken>;
  flights: Map<string, Flight>;
}

/** Oldest first out: a registry of a hundred thousand repositories has as many scopes. */
const mostTokens = 2000;

/** A store of this process. Replicas ask for tokens of their own: these are secrets, and last minutes. */
export function createTokenStore(now: () => Date): TokenStore {
  const shelves = new Map<string, Shelf>();

  function shelfOf(accessKey: string): Shelf {
    let shelf = shelves.get(accessKey);
    if (!shelf) {
      shelf = { tokens: new Map(), flights: new Map() };
      shelves.set(accessKey, shelf);
    }
    return shelf;
  }

  function take(shelf: Shelf, purpose: string, issue: (signal: AbortSignal) => Promise<IssuedToken>): Flight {
    const ending = new AbortController();
    const flight: Flight = { issued: issue(ending.signal), waiting: 0, ending };
    const landed = () => {
      if (shelf.flights.get(purpose) === flight) shelf.flights.delete(purpose);
    };
    flight.issued.then((issued) => {
      landed();
      shelf.tokens.delete(purpose);
      shelf.tokens.set(purpose, issued);
      const [oldest] = shelf.tokens.size > mostTokens ? shelf.tokens.keys() : [];
      if (oldest !== undefined) shelf.tokens.delete(oldest);
    }, landed);
    shelf.flights.set(purpose, flight);
    return flight;
  }

  /** The flight goes on as long as anybody waits for it. */
  function board(shelf: Shelf, purpose: string, flight: Flight, signal?: AbortSignal): Promise<IssuedToken> {
    flight.waiting++;
    return new Promise<IssuedToken>((resolve, reject) => {
      const leave = () => {
        flight.waiting--;
        if (flight.waiting === 0) {
          if (shelf.flights.get(purpose) === flight) shelf.flights.delete(purpose);
          flight.ending.abort();
        }
        reject(signal?.reason);
      };
      if (signal?.aborted) return leave();
      signal?.addEventListener('abort', leave, { once: true });
      const arrived = () => signal?.removeEventListener('abort', leave);
      flight.issued.then(
        (issued) => {
          arrived();
          resolve(issued);
        },
        (error) => {
          arrived();
          reject(error);
        },
      );
    });
  }

  return {
    async get(accessKey, purpose, issue, signal) {
      const shelf = shelfOf(accessKey);
      const kept = shelf.tokens.get(purpose);
      if (kept && kept.usableUntil > now().getTime()) return kept.token;
      const flight = shelf.flights.get(purpose) ?? take(shelf, purpose, issue);
      return (await board(shelf, purpose, flight, signal)).token;
    },
    drop(accessKey, purpose, token) {
      const tokens = shelves.get(accessKey)?.tokens;
      if (tokens?.get(purpose)?.token === token) tokens.delete(purpose);
    },
    forget(accessKey) {
      // What is under way lands on the old shelf, which nobody looks at any more.
      shelves.delete(accessKey);
    },
  };
}
