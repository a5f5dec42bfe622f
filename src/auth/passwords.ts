import { hash, verify } from '@node-rs/argon2';

/** OWASP's least for argon2id: 19 MiB, two passes. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** argon2id with its parameters and salt, as one text. */
export const hashPassword = (password: string): Promise<string> => hash(password, options);

/** Whether a password made a hash. Takes the same time for any hash, also for `unknownUserHash`. */
export const verifyPassword = (passwordHash: string, password: string): Promise<boolean> => verify(passwordHash, password);

let unknown: Promise<string> | undefined;
/** A hash that no password of a client made, to verify against when there is no user: time tells nothing. */
export function unknownUserHash(): Promise<string> {
  unknown ??= hashPassword(`nobody-${Math.random()}`);
  return unknown;
}
