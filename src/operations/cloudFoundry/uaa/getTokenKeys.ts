import { json, type PublicHandler } from '../../handler';

export interface TokenKeyNeeds {
  /** The public keys that tokens of this installation are verified with. */
  publicKeys(): Promise<{ kid: string; alg: 'ES256'; use: 'sig'; kty: string; crv: string; x: string; y: string }[]>;
}

export const getTokenKeys: PublicHandler<'getTokenKeys', TokenKeyNeeds> = async (_request, { publicKeys }) =>
  json({ keys: await publicKeys() });
