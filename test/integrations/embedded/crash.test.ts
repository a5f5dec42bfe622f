import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { identify } from '../../../src/integrations/embedded/processes';
import { pauseBefore } from '../../../src/integrations/embedded/supervisor';
import { careless, eventually, newStarter, password, query, start, tidyUp, usedFolder } from './scene';

afterEach(tidyUp);

/** Writes numbers over a pool until stopped, keeping those whose commit was acknowledged. */
function writer(pool: pg.Pool): { acknowledged: number[]; stop(): Promise<void> } {
  const acknowledged: number[] = [];
  let next = 1;
  let running = true;
  const lane = async () => {
    while (running) {
      const number = next++;
      const written = await pool.query('insert into entry values ($1)', [number]).catch(() => undefined);
      if (written) acknowledged.push(number);
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const lanes = Promise.all(Array.from({ length: 6 }, lane));
  return {
    acknowledged,
    async stop() {
      running = false;
      await lanes;
    },
  };
}

describe('when the embedded Postgres is killed', () => {
  test('it is back on the same port with every acknowledged row, and the pool goes on', async () => {
    const logged: string[] = [];
    const server = await start(await usedFolder(), { settings: {} }, logged);
    const pool = new pg.Pool({ connectionString: server.connectionString, max: 6 });
    pool.on('error', () => undefined);
    await pool.query('create table entry (number int primary key)');
    const writing = writer(pool);
    for (let kill = 1; kill <= 3; kill++) {
      const before = writing.acknowledged.length;
      await eventually(() => writing.acknowledged.length > before + 100);
      const pid = server.pid;
      process.kill(pid, 'SIGKILL');
      await eventually(() => server.pid !== pid);
    }
    const before = writing.acknowledged.length;
    await eventually(() => writing.acknowledged.length > before + 100);
    await writing.stop();
    const { rows } = await pool.query('select number from entry');
    const kept = new Set(rows.map(({ number }) => number));
    expect(writing.acknowledged.filter((number) => !kept.has(number))).toEqual([]);
    expect(logged.filter((message) => message.includes('ended unexpectedly'))).toHaveLength(3);
    expect(logged.filter((message) => message.includes('is back'))).toHaveLength(3);
    await pool.end();
  });

  test('it waits for a statement that still runs in the old server', async () => {
    const logged: string[] = [];
    const server = await start(await usedFolder(), {}, logged);
    const busy = query(
      server.connectionString,
      `do $$ declare till timestamptz := clock_timestamp() + interval '700 milliseconds';
        begin while clock_timestamp() < till loop end loop; end $$`,
    ).catch(() => undefined);
    const running = "select 1 from pg_stat_activity where query like 'do $$%' and pid <> pg_backend_pid()";
    await eventually(async () => (await query(server.connectionString, running)).length > 0);
    const pid = server.pid;
    process.kill(pid, 'SIGKILL');
    await eventually(() => server.pid !== pid);
    await busy;
    expect(logged.filter((message) => message.includes('restarting the embedded Postgres failed')).length).toBeGreaterThan(0);
    expect(await query(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a stop in the middle of the restart leaves no server', async () => {
    const folder = await usedFolder();
    const server = await start(folder);
    process.kill(server.pid, 'SIGKILL');
    await eventually(() => identify(server.pid) === undefined);
    await server.stop();
    expect(identify(server.pid)).toBeUndefined();
    const port = Number(new URL(server.connectionString).port);
    await expect(query(`postgres://portolan:x@127.0.0.1:${port}/portolan`, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('attempts come quickly at first and then every two seconds', () => {
    expect([1, 2, 3, 4, 8, 9, 20].map(pauseBefore)).toEqual([0, 20, 40, 80, 1280, 2000, 2000]);
  });
});

describe('when Portolan is killed and Postgres lives on', () => {
  async function orphan(folder: string): Promise<{ pid: number; connectionString: string }> {
    const starter = await newStarter();
    const options = { dataDir: folder, password, settings: careless };
    const answer = await starter.tell(`start ${JSON.stringify(options)}`);
    await starter.kill();
    return answer as { pid: number; connectionString: string };
  }

  test('the next start takes the server over, restarts it when it dies, and stops it', async () => {
    const folder = await usedFolder();
    const left = await orphan(folder);
    expect(identify(left.pid)).toBeDefined();
    const server = await start(folder);
    expect(server).toMatchObject(left);
    process.kill(left.pid, 'SIGKILL');
    await eventually(() => server.pid !== left.pid);
    expect(await query(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    await server.stop();
    expect(identify(server.pid)).toBeUndefined();
  });

  test('a server that was taken over is stopped like any other', async () => {
    const folder = await usedFolder();
    const left = await orphan(folder);
    const server = await start(folder);
    await server.stop();
    expect(identify(left.pid)).toBeUndefined();
    expect(existsSync(path.join(folder, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('a server that hangs is replaced by a new one with the same rows', async () => {
    const folder = await usedFolder();
    const left = await orphan(folder);
    await query(left.connectionString, 'create table hung as select 7 as number');
    process.kill(left.pid, 'SIGSTOP');
    const server = await start(folder);
    expect(server.pid).not.toBe(left.pid);
    expect(identify(left.pid)).toBeUndefined();
    expect(await query(server.connectionString, 'select number from hung')).toEqual([{ number: 7 }]);
  });

  test('a server with another password is left alone and named', async () => {
    const folder = await usedFolder();
    const left = await orphan(folder);
    await expect(start(folder, { password: 'other' })).rejects.toMatchObject({ reason: 'password' });
    expect(identify(left.pid)).toBeDefined();
  });
});

test('a running server does not keep the process from ending', async () => {
  const folder = await usedFolder();
  const module = path.resolve(__dirname, '../../../src/integrations/embedded/postgres');
  const options = JSON.stringify({ dataDir: folder, password, settings: careless });
  const script = `require(${JSON.stringify(module)}).startEmbeddedPostgres({ ...${options}, log() {} }).then(() => console.log('up'))`;
  const output = await new Promise<string>((resolve, reject) => {
    const args = ['--require', 'tsx/cjs', '-e', script];
    execFile(process.execPath, args, { timeout: 8000 }, (error, text) => (error ? reject(error) : resolve(text)));
  });
  expect(output).toBe('up\n');
});
