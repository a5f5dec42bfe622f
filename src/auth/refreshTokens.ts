import { createHash, randomBytes } from 'node:crypto';

const prefix = 'ptl_rft_';
const form = /^ptl_rft_[A-Za-z0-9_-]{43}$/;

/** A new refresh token: 256 random bits, of which only the hash is stored. It is no credential of any other operation. */
export const newRefreshToken = (): string => prefix + randomBytes(32).toString('base64url');

/** Whether a text has the form of a refresh token. */
export const isRefreshToken = (text: string): boolean => form.test(text);

/** What is stored of a refresh token: SHA-256, as of an API token. */
export const hashRefreshToken = (token: string): Buffer => createHash('sha256').update(token).digest();
