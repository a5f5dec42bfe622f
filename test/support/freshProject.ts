import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** A folder outside of this project, where somebody else's project begins. */
export class FreshProject {
  readonly home: string = mkdtempSync(join(tmpdir(), 'portolan-fresh-'));
  folder: string = this.home;

  /** Runs a program, or a shell's lines; gives what it printed, and throws with all that it said when it fails. */
  async run(command: string, args: string[], environment: Record<string, string> = {}): Promise<string> {
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: this.home, npm_config_cache: npmCache, ...npmManners, ...environment };
    try {
      return (await promisify(execFile)(command, args, { cwd: this.folder, env, timeout: 540_000, maxBuffer: 1e8 })).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command} ${args.slice(0, 3).join(' ')} failed:\n${stdout}\n${stderr}`);
    }
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  remove(): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** What was installed for this project need not come over the network again. */
const npmCache = process.env.npm_config_cache ?? join(homedir(), '.npm');
const npmManners = { npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };

/** The fenced blocks of one language in a document's part, in order. */
export const blocksOf = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1] as string);
