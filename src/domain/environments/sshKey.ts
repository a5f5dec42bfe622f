import type { Issue } from '../errors';

export type SshKeyType = 'rsa' | 'ecdsa' | 'ed25519';

/** What may be told of a private key. */
export interface SshKeyFacts {
  keyType: SshKeyType;
  /** SHA-256 of the public key, as ssh-keygen shows it. */
  fingerprint: string;
}

const types: readonly string[] = ['rsa', 'ecdsa', 'ed25519'] satisfies SshKeyType[];

/** Reads an unencrypted private key in PEM or OpenSSH form. What it refuses says nothing of the text. */
export function readSshKey(text: string): SshKeyFacts | { issue: Issue } {
  // Loaded here: it takes a third of a second, which a start need not wait for.
  const { parsePrivateKey } = require('sshpk') as typeof import('sshpk');
  if (isPublicKey(text)) return refused('This is a public key.', 'Send the private one, whose file has no ending .pub.');
  try {
    const key = parsePrivateKey(text, 'pem');
    if (!types.includes(key.type)) {
      return refused('Keys of this type are not taken.', 'Make one with `ssh-keygen -t ed25519`; RSA and ECDSA are taken too.');
    }
    return { keyType: key.type as SshKeyType, fingerprint: key.fingerprint('sha256').toString() };
  } catch (error) {
    if ((error as Error)?.name === 'KeyEncryptedError' || /^Proc-Type: *4,ENCRYPTED/m.test(text)) {
      return refused('The key is encrypted.', 'Remove its passphrase with `ssh-keygen -p`, or make a key for Portolan alone.');
    }
    return refused(
      'This is no private key.',
      'Send an RSA, ECDSA or Ed25519 key in PEM or OpenSSH form, with its first and last line.',
    );
  }
}

const isPublicKey = (text: string): boolean =>
  /^\s*(ssh-|ecdsa-sha2-|sk-ssh-|sk-ecdsa-)/.test(text) || /-----BEGIN (RSA |SSH2 )?PUBLIC KEY-----/.test(text);

const refused = (message: string, hint: string): { issue: Issue } => ({
  issue: { in: 'body', field: 'sshPrivateKey', code: 'unparsable', message, hint },
});
