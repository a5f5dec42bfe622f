import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** OWASP's least for argon2id: 19 MiB, two passes. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** argon2id with its parameters and salt, as one text. */
export const hashPassword = (password: string): Promise<string> => hash(password, options);

/** Whether a password made a hash. Takes the same time for any hash, also for `unknownUserHash`. */
export const verifyPassword = (passwordHash: string, password: string): Promise<boolean> => verify(passwordHash, password);

/**
 * A hash that no password made, to verify against when there is no user: it costs the same time and nothing beforehand,
 * so that not even the first unknown address of a process shows.
 */
export const unknownUserHash: string = (() => {
  const { memoryCost, timeCost, parallelism } = options;
  const random = (bytes: number) => randomBytes(bytes).toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${random(16)}$${random(32)}`;
})();
