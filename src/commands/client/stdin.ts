import { exitCodes } from './exitCodes';
import { CommandFailure, type Terminal } from './terminal';

const readBy = new WeakMap<Terminal, string>();

/** All of the standard input as text. */
export async function readStdin(terminal: Terminal, name: string): Promise<string> {
  return (await readStdinBytes(terminal, name)).toString('utf8');
}

/** All of the standard input, which is there for one flag only. */
export async function readStdinBytes(terminal: Terminal, name: string): Promise<Buffer> {
  const earlier = readBy.get(terminal);
  if (earlier !== undefined) {
    throw new CommandFailure(exitCodes.usage, `${earlier} and ${name} cannot both read the standard input; give one as @file.`);
  }
  readBy.set(terminal, name);
  const chunks: Buffer[] = [];
  for await (const chunk of terminal.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** One line from the person, shown to nobody. */
export function readHidden(terminal: Terminal, prompt: string): Promise<string> {
  return readLine(terminal, prompt, false);
}

/** One line from the person. */
export function readShown(terminal: Terminal, prompt: string): Promise<string> {
  return readLine(terminal, prompt, true);
}

/** The terminal does not echo while it is raw, so that what is typed is written here or nowhere. */
function readLine({ stdin, stderr }: Terminal, prompt: string, shown: boolean): Promise<string> {
  stderr.write(prompt);
  stdin.setRawMode?.(true);
  stdin.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    let line = '';
    const end = (finish: () => void) => {
      stdin.off('data', take);
      stdin.off('end', cut);
      stdin.setRawMode?.(false);
      stdin.pause();
      stderr.write('\n');
      finish();
    };
    const cut = () => end(() => reject(new CommandFailure(exitCodes.other, 'Nothing was typed.')));
    const take = (text: string) => {
      let at = 0;
      for (const character of text) {
        at += character.length;
        if (character === '\r' || character === '\n') {
          end(() => resolve(line));
          // What was typed ahead is the next answer.
          if (at < text.length) stdin.unshift(text.slice(at), 'utf8');
          return;
        }
        if (character === '\u0003' || character === '\u0004') return cut();
        if (character === '\u007f' || character === '\b') {
          if (shown && line) stderr.write('\b \b');
          line = line.slice(0, -1);
        } else {
          line += character;
          if (shown) stderr.write(character);
        }
      }
    };
    stdin.on('data', take);
    stdin.on('end', cut);
    stdin.resume();
  });
}
