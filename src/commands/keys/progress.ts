import type { Progress } from './rotate';

const everyMs = { terminal: 100, file: 5000 };

/** Tells how far a rotation is: on a terminal in one line that changes, elsewhere in a line now and then. */
export function progressLine(tell: (text: string) => void, isTerminal: boolean) {
  const began = performance.now();
  let toldAt = began;
  let width = 0;
  return {
    show({ table, column, done, total }: Progress): void {
      const now = performance.now();
      if (now - toldAt < (isTerminal ? everyMs.terminal : everyMs.file)) return;
      toldAt = now;
      const rate = Math.round(done / ((now - began) / 1000));
      const text = `${done} of ${total} values, ${rate} a second, now ${table}.${column}`;
      tell(isTerminal ? `\r${text.padEnd(width)}` : `${text}\n`);
      width = text.length;
    },
    end(): void {
      if (isTerminal && width > 0) tell('\n');
    },
  };
}
