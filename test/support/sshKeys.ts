import { createHash, generateKeyPairSync } from 'node:crypto';
import { generatePrivateKey, parsePrivateKey } from 'sshpk';

/** Keys of every kind that is taken, made anew for each run. */

const pem = (type: 'rsa' | 'dsa', format: 'pkcs1' | 'pkcs8', more: object = {}): string => {
  const { privateKey } = generateKeyPairSync(type as 'rsa', { modulusLength: 2048 });
  return privateKey.export({ type: format, format: 'pem', ...more } as never) as string;
};
const encrypted = { cipher: 'aes-256-cbc', passphrase: 'a passphrase' };

export const newEd25519 = (): string => generatePrivateKey('ed25519').toString('openssh');
const newEcdsa = () => generatePrivateKey('ecdsa', { curve: 'nistp256' });

export const takenKeys: Record<string, { type: string; make(): string }> = {
  'Ed25519 in OpenSSH form': { type: 'ed25519', make: newEd25519 },
  'Ed25519 in PKCS #8': {
    type: 'ed25519',
    make: () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  },
  'ECDSA in OpenSSH form': { type: 'ecdsa', make: () => newEcdsa().toString('openssh') },
  'ECDSA in PEM': { type: 'ecdsa', make: () => newEcdsa().toString('pkcs1') },
  'RSA in PEM': { type: 'rsa', make: () => pem('rsa', 'pkcs1') },
  'RSA in PKCS #8': { type: 'rsa', make: () => pem('rsa', 'pkcs8') },
  'RSA in OpenSSH form': { type: 'rsa', make: () => parsePrivateKey(pem('rsa', 'pkcs1'), 'pem').toString('openssh') },
  'one with carriage returns and an empty line behind it': {
    type: 'rsa',
    make: () => `${pem('rsa', 'pkcs1').replace(/\n/g, '\r\n')}\r\n`,
  },
};

export const refusedKeys: Record<string, { says: RegExp; make(): string }> = {
  'a public key': { says: /public key/, make: () => generatePrivateKey('ed25519').toPublic().toString('ssh') },
  'a public key in PEM': { says: /public key/, make: () => newEcdsa().toPublic().toString('pkcs8') },
  'an encrypted key in PEM': { says: /encrypted/, make: () => pem('rsa', 'pkcs1', encrypted) },
  'an encrypted key in PKCS #8': { says: /encrypted/, make: () => pem('rsa', 'pkcs8', encrypted) },
  'an encrypted key in OpenSSH form': {
    says: /encrypted/,
    make: () =>
      (generatePrivateKey('ed25519').toBuffer as (f: string, o: object) => Buffer)('openssh', {
        cipher: 'aes256-ctr',
        passphrase: 'a passphrase',
      }).toString(),
  },
  'a DSA key': { says: /this type/, make: () => pem('dsa', 'pkcs8') },
  'a key that was cut off': { says: /no private key/, make: () => newEd25519().slice(0, 150) },
  'a key whose middle is gone': { says: /no private key/, make: () => newEd25519().replace(/\n.{20}/, '\n') },
  'the first and last line alone': {
    says: /no private key/,
    make: () => '-----BEGIN OPENSSH PRIVATE KEY-----\n-----END OPENSSH PRIVATE KEY-----\n',
  },
  'some text': { says: /no private key/, make: () => 'canary-that-is-no-key' },
};

/** What `ssh-keygen -lf` shows, computed from the public key as it is sent over the wire. */
export function fingerprintOf(privateKey: string): string {
  const wire = parsePrivateKey(privateKey, 'pem').toPublic().toString('ssh').split(' ')[1] as string;
  return `SHA256:${createHash('sha256').update(Buffer.from(wire, 'base64')).digest('base64').replace(/=+$/, '')}`;
}
