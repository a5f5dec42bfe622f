import { createHash, randomBytes } from 'node:crypto';

const prefix = 'ptl_pat_';
const form = /^ptl_pat_[A-Za-z0-9_-]{43}$/;

/** A new API token: `ptl_pat_` and 256 random bits. Only its hash is ever stored. */
export const newApiToken = (): string => prefix + randomBytes(32).toString('base64url');

/** Whether a text has the form of an API token. */
export const isApiToken = (text: string): boolean => form.test(text);

/** What is stored of a token: SHA-256. A slow hash would guard guessable secrets, which these are not. */
export const hashApiToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What lists show of a token. */
export const prefixOf = (token: string): string => token.slice(0, 12);
