import type pg from 'pg';
import { isUnavailable } from '../store/databaseErrors';

/** One of the few codes at which the queue's library tries again; with the longest waits. */
const triedAgain = 'ETIMEDOUT';

/**
 * The pool as the queue's library gets it. The library tells the queue once how a job ended, and waits for no answer: an
 * error that it does not know to be passing would end the process, or leave the job locked. So whatever says that the
 * database is away is given a code at which it tries again. The listening connection, asked for with a callback, has its
 * own way.
 */
export function queuePool(pool: pg.Pool): pg.Pool {
  const connect = async () => {
    // Nobody is left to hear of it, and the job is freed with the others of this worker.
    if (pool.ending) return new Promise<never>(() => {});
    return patientClient(await pool.connect().catch(throwPassing));
  };
  const passed = (callback?: Parameters<pg.Pool['connect']>[0]) => (callback ? pool.connect(callback) : connect());
  return withOther(pool, 'connect', passed);
}

function patientClient(client: pg.PoolClient): pg.PoolClient {
  const query = (...parameters: unknown[]) => {
    const result = (client.query as (...given: unknown[]) => unknown).apply(client, parameters);
    return result instanceof Promise ? result.catch(throwPassing) : result;
  };
  return withOther(client, 'query', query);
}

function throwPassing(error: unknown): never {
  if (!isUnavailable(error)) throw error;
  throw Object.assign(new Error((error as Error).message, { cause: error }), { code: triedAgain });
}

/** An object with one method replaced; the others work on the object itself. */
const withOther = <T extends object>(object: T, name: keyof T, method: unknown): T =>
  new Proxy(object, {
    get(target, key) {
      if (key === name) return method;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
