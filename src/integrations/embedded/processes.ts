import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  pid: number;
  /** When it started, as `<ticks since boot>-<boot>`; empty where the system does not tell. */
  started: string;
}

let boot: string | undefined;

/** Start ticks count from boot, so they only tell processes apart together with the boot they belong to. */
function bootId(): string {
  if (boot === undefined) {
    try {
      boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
    } catch {
      boot = '0';
    }
  }
  return boot;
}

/** Whether the number is taken, be it by a process that has ended and waits to be reaped. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process that has this number now; undefined if there is none, or if it has ended and only waits to be reaped. */
export function identify(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !processExists(pid)) return undefined;
  if (process.platform !== 'linux') return { pid, started: '' };
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may itself hold spaces and parentheses; the state follows the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { pid, started: `${fields[19]}-${bootId()}` };
  } catch {
    // Either it ended just now, or /proc hides the processes of other users.
    return processExists(pid) ? { pid, started: '' } : undefined;
  }
}

/** Whether exactly this process still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  if (!now) return false;
  return now.started === '' || identity.started === '' || now.started === identity.started;
}

/** Waits until the process is gone. False if it still runs after `ms`. */
export async function waitUntilGone(identity: ProcessIdentity, ms: number): Promise<boolean> {
  const end = Date.now() + ms;
  while (isAlive(identity)) {
    if (Date.now() >= end) return false;
    await delay(5);
  }
  return true;
}

/** Whether this process is a postgres that works in the given cluster directory. */
export async function isPostgresOf(pid: number, clusterDir: string): Promise<boolean> {
  const real = await realpath(clusterDir);
  if (process.platform !== 'linux') {
    const command = await commandLine(pid);
    return command.includes('postgres') && (command.includes(clusterDir) || command.includes(real));
  }
  try {
    // Every postgres changes into its cluster; unlike the command line this survives a renamed data folder.
    const [name, folder] = await Promise.all([readFile(`/proc/${pid}/comm`, 'utf8'), readlink(`/proc/${pid}/cwd`)]);
    return name.trim() === 'postgres' && folder === real;
  } catch {
    return false;
  }
}

function commandLine(pid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (error, output) => resolve(error ? '' : output));
  });
}
