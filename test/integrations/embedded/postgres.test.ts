import { existsSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres } from '../../../src/integrations/embedded/postgres';
import { identify } from '../../../src/integrations/embedded/processes';
import { careless, eventually, newFolder, newStarter, password, query, start, tidyUp, usedFolder } from './scene';

afterEach(tidyUp);

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 500 }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('timeout', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

describe('the embedded Postgres', () => {
  test('the first start gives a durable UTF-8 database that only this machine reaches', async () => {
    const folder = newFolder();
    const server = await start(folder, { settings: {} });
    const port = Number(new URL(server.connectionString).port);
    const [facts] = await query(
      server.connectionString,
      `select current_user as user, current_database() as database, current_setting('fsync') as fsync,
        current_setting('synchronous_commit') as commit, current_setting('data_checksums') as checksums,
        current_setting('server_encoding') as encoding, current_setting('unix_socket_directories') as sockets,
        current_setting('max_connections') as connections, current_setting('TimeZone') as zone,
        (select left(rolpassword, 13) from pg_authid where rolname = current_user) as secret`,
    );
    expect(facts).toEqual({
      user: 'portolan',
      database: 'portolan',
      fsync: 'on',
      commit: 'on',
      checksums: 'on',
      encoding: 'UTF8',
      sockets: '',
      connections: '60',
      zone: 'UTC',
      secret: 'SCRAM-SHA-256',
    });
    expect(statSync(path.join(folder, 'postgres')).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder).sort()).toEqual(['postgres', 'postgres.log']);
    expect(await connects('127.0.0.1', port)).toBe(true);
    for (const addresses of Object.values(networkInterfaces())) {
      const outer = addresses?.find(({ internal, family }) => !internal && family === 'IPv4');
      if (outer) expect(await connects(outer.address, port)).toBe(false);
    }
  });

  test('rows outlive a stop and a new start', async () => {
    const folder = await usedFolder();
    const first = await start(folder);
    await query(first.connectionString, 'create table note as select 42 as number');
    await first.stop();
    await first.stop();
    expect(identify(first.pid)).toBeUndefined();
    const second = await start(folder);
    expect(await query(second.connectionString, 'select number from note')).toEqual([{ number: 42 }]);
  });

  test('what a killed first start left is removed, and the next start succeeds', async () => {
    const folder = newFolder();
    const starter = await newStarter();
    void starter.tell(`start ${JSON.stringify({ dataDir: folder, password, settings: careless })}`);
    const drafts = () => readdirSync(folder).filter((name) => name.startsWith('postgres.initdb-'));
    await eventually(() => drafts().some((draft) => existsSync(path.join(folder, draft, 'cluster', 'base'))));
    await starter.kill();
    expect(existsSync(path.join(folder, 'postgres'))).toBe(false);
    expect(drafts()).toHaveLength(1);
    const server = await start(folder);
    expect(await query(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(drafts()).toEqual([]);
  });

  test('a cluster whose database was not created yet gets it', async () => {
    const folder = await usedFolder();
    const first = await start(folder);
    await query(first.connectionString.replace(/portolan$/, 'postgres'), 'drop database portolan');
    await first.stop();
    const second = await start(folder);
    expect(await query(second.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a postmaster.pid that names a foreign process, or nobody, does not block', async () => {
    const folder = await usedFolder();
    const pidFile = path.join(folder, 'postgres', 'postmaster.pid');
    writeFileSync(pidFile, `1\n${folder}/postgres\n1\n5432\n\n127.0.0.1\n 1 1\nready   \n`);
    const second = await start(folder);
    await second.stop();
    writeFileSync(pidFile, '');
    await start(folder);
  });

  test('a server log that has grown too large starts anew', async () => {
    const folder = await usedFolder();
    const log = path.join(folder, 'postgres.log');
    writeFileSync(log, '');
    truncateSync(log, 11 * 1024 * 1024);
    await start(folder);
    expect(statSync(log).size).toBeLessThan(100_000);
  });

  test('a wrong password says so, and the server does not stay', async () => {
    const folder = await usedFolder();
    await expect(start(folder, { password: 'other' })).rejects.toMatchObject({
      reason: 'password',
      message: expect.stringContaining('another password'),
    });
    expect(existsSync(path.join(folder, 'postgres', 'postmaster.pid'))).toBe(false);
  });

  test('a setting that Postgres refuses ends the start with what Postgres said', async () => {
    const refusal = start(await usedFolder(), { settings: { ...careless, max_connections: 'many' } });
    await expect(refusal).rejects.toMatchObject({
      reason: 'start',
      message: expect.stringMatching(/invalid value for parameter "max_connections".*postgres\.log/s),
    });
  });

  test('files of somebody else in the place of the cluster are not touched', async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, 'postgres'));
    writeFileSync(path.join(folder, 'postgres', 'mine'), '');
    await expect(start(folder)).rejects.toThrow('holds files but no Postgres cluster');
    expect(readdirSync(path.join(folder, 'postgres'))).toEqual(['mine']);
  });

  test('a data folder that cannot be written is named', async () => {
    const folder = path.join(newFolder(), 'file');
    writeFileSync(folder, '');
    const refusal = startEmbeddedPostgres({ dataDir: folder, password, log: () => undefined });
    await expect(refusal).rejects.toThrow(/cannot write to its data folder .*PORTOLAN_DATA/);
  });
});
