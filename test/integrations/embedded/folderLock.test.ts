import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FolderInUse, FolderNotWritable } from '../../../src/integrations/embedded/errors';
import { takeFolder } from '../../../src/integrations/embedded/folderLock';
import { identify } from '../../../src/integrations/embedded/processes';
import { newFolder, newStarter, tidyUp } from './scene';

afterEach(tidyUp);

/** A lock as another process would have left it. */
function plantLock(folder: string, holder: string): void {
  mkdirSync(path.join(folder, 'portolan.lock'), { recursive: true });
  writeFileSync(path.join(folder, 'portolan.lock', holder), '{}');
}

const gone = 'process-4194305-123-00000000';

describe('the folder lock', () => {
  test('a second start is told who runs, where, and what to do', async () => {
    const folder = path.join(newFolder(), 'deeper', 'data');
    const lock = await takeFolder(folder);
    await lock.describe({ url: 'http://127.0.0.1:3000' });
    const refusal = await takeFolder(folder).catch((error) => error);
    expect(refusal).toBeInstanceOf(FolderInUse);
    expect(refusal).toMatchObject({ pid: process.pid, url: 'http://127.0.0.1:3000' });
    expect(refusal.message).toBe(
      `Portolan already runs on this data folder (process ${process.pid}, http://127.0.0.1:3000). ` +
        'Stop it first, or choose another folder with PORTOLAN_DATA.',
    );
    await lock.release();
  });

  test('a holder that has not told its URL is named by its process', async () => {
    const folder = newFolder();
    await takeFolder(folder);
    await expect(takeFolder(folder)).rejects.toThrow(`(process ${process.pid}).`);
  });

  test('a shorter URL replaces a longer one', async () => {
    const folder = newFolder();
    const lock = await takeFolder(folder, { url: 'http://a-rather-long-name.example:3000' });
    await lock.describe({ url: 'http://b:1' });
    await expect(takeFolder(folder)).rejects.toMatchObject({ url: 'http://b:1' });
  });

  test('a released folder can be taken again, and nothing is left in it', async () => {
    const folder = newFolder();
    const lock = await takeFolder(folder);
    await lock.release();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    const next = await takeFolder(folder);
    // A late second release of the former holder does not free the folder for others.
    await lock.release();
    await expect(takeFolder(folder)).rejects.toBeInstanceOf(FolderInUse);
    await next.release();
  });

  test('a killed holder does not block', async () => {
    const folder = newFolder();
    const starter = await newStarter();
    await expect(starter.tell(`take ${folder}`)).resolves.toEqual({ taken: true });
    await expect(takeFolder(folder)).rejects.toMatchObject({ pid: starter.pid });
    await starter.kill();
    await (await takeFolder(folder)).release();
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;

  onLinux('a process that got the number of a killed holder does not block', async () => {
    const folder = newFolder();
    plantLock(folder, `process-${process.pid}-1-${identify(process.pid)?.started.split('-')[1]}`);
    await (await takeFolder(folder)).release();
  });

  onLinux('the same number and start time in an earlier boot does not block', async () => {
    const folder = newFolder();
    plantLock(folder, `process-${process.pid}-${identify(process.pid)?.started.split('-')[0]}-00000000`);
    await (await takeFolder(folder)).release();
  });

  test('what a starter left that was killed while taking is removed', async () => {
    const folder = newFolder();
    mkdirSync(path.join(folder, `portolan.lock.${gone}.1`));
    const lock = await takeFolder(folder);
    expect(existsSync(path.join(folder, `portolan.lock.${gone}.1`))).toBe(false);
    await lock.release();
  });

  test('of several processes that find a stale lock at once, exactly one wins', async () => {
    const starters = await Promise.all(Array.from({ length: 5 }, newStarter));
    for (let round = 0; round < 40; round++) {
      const folder = newFolder();
      if (round % 2 === 0) plantLock(folder, gone);
      const answers = await Promise.all(starters.map((starter) => starter.tell(`take ${folder}`)));
      const winners = starters.filter((_, index) => answers[index]?.taken);
      expect(winners).toHaveLength(1);
      expect(answers.filter(({ error }) => error === 'FolderInUse')).toHaveLength(4);
      expect(readdirSync(path.join(folder, 'portolan.lock'))[0]).toContain(`process-${winners[0]?.pid}-`);
    }
  });

  test('a data folder that cannot be created is named', async () => {
    const file = path.join(newFolder(), 'file');
    writeFileSync(file, '');
    const refusal = await takeFolder(path.join(file, 'data')).catch((error) => error);
    expect(refusal).toBeInstanceOf(FolderNotWritable);
    expect(refusal.message).toMatch(/cannot write to its data folder .*file\/data \(ENOTDIR\).*PORTOLAN_DATA/);
  });
});
