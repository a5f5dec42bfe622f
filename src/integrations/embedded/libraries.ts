import { access, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import path from 'node:path';

/** npm packages cannot hold symbolic links: the package lists them, and its install script makes them. */
interface Link {
  source: string;
  target: string;
}

/**
 * Makes the library links that the package's install script would have made; `npm ci --ignore-scripts` leaves them out.
 * Gives what must be put on the library path: undefined when all stand where they belong, `privateDir` and `lib` when
 * the installation is read-only.
 */
export async function libraryFolder(native: string, privateDir: string): Promise<string | undefined> {
  const missing: Link[] = [];
  for (const link of await listedLinks(native)) {
    if (!(await reachable(link.target)) && (await reachable(link.source))) missing.push(link);
  }
  if (missing.length === 0) return undefined;
  try {
    // Relative, so that the links survive a moved installation.
    for (const { source, target } of missing) await link(path.relative(path.dirname(target), source), target);
    return undefined;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  await mkdir(privateDir, { recursive: true, mode: 0o755 });
  for (const { source, target } of missing) {
    const name = path.join(privateDir, path.basename(target));
    await rm(name, { force: true });
    await link(source, name);
  }
  // The linked libraries look for their neighbours beside the link, where only the links are.
  return [privateDir, path.join(native, 'lib')].join(path.delimiter);
}

async function listedLinks(native: string): Promise<Link[]> {
  let text: string;
  try {
    text = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8');
  } catch {
    return [];
  }
  const inside = (listed: string) => path.join(native, listed.replace(/^native\//, ''));
  return (JSON.parse(text) as Link[]).map(({ source, target }) => ({ source: inside(source), target: inside(target) }));
}

async function link(to: string, name: string): Promise<void> {
  try {
    await symlink(to, name);
  } catch (error) {
    // Another process that starts at the same time makes the same links.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function reachable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
