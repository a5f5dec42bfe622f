import { type Command, InvalidArgumentError } from 'commander';
import type { MockWishes } from './mock/serveMock';
import type { Running } from './running';

interface MockParts {
  print(text: string): void;
  /** Goes on until a signal asks for the end. */
  run(starting: Promise<Running>): Promise<void>;
}

const help = `
Each operation answers an example of the contract. Nothing is stored: an object that was created is not in the next list,
and every id that has the form of one is known. Requests are checked as the service checks them: 400 and 422 tell what is
wrong with one, 401 that it has no bearer token (any token is taken), 404 that nothing is at its path.

What a request wants to be answered, it says in a header:

  Prefer: code=409        the example of another status that the operation can answer
  Prefer: example=empty   another example by its name; each list has \`empty\`, and \`more\`, which another page follows

docs/consumers.md shows how to use it in CI.`;

/** `portolan mock`: the contract's examples, without a database. What it needs is loaded when it runs. */
export function addMock(program: Command, { print, run }: MockParts): void {
  program
    .command('mock')
    .description("serve the contract's examples, without a database; for those who build against the API")
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .option('--port <port>', 'where it listens; 0 for any free one', wholeNumber('port', 65_535), 4010)
    .option('--cors-origin <origins>', 'origins that browsers may call from, separated by commas; * for all', origins)
    .option('--delay-ms <milliseconds>', 'how long each answer takes', wholeNumber('time', 600_000), 0)
    .option('--record <file>', 'add a line of JSON to this file for each request: operation, status, what was refused')
    .addHelpText('after', help)
    .action((wishes: MockWishes) => {
      const { serveMock } = require('./mock/serveMock') as typeof import('./mock/serveMock');
      return run(serveMock(wishes, print));
    });
}

const wholeNumber = (what: string, most: number) => (text: string) => {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= most) return value;
  throw new InvalidArgumentError(`A ${what} is a whole number up to ${most}.`);
};

const origins = (text: string): string[] =>
  text
    .split(',')
    .map((origin) => origin.trim())
    .filter(Boolean);
