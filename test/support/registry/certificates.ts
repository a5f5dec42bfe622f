import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** X.509 certificates for tests, written by hand in DER: no test needs a program for them. */

export interface Certificate {
  /** PEM. */
  certificate: string;
  /** PEM, PKCS #8. */
  key: string;
}

export interface CertificateOptions {
  /** Host names and addresses; the first is the common name too. */
  names?: string[];
  notBefore?: Date;
  notAfter?: Date;
}

interface Subject {
  commonName: string;
  publicKey: KeyObject;
  extensions: Buffer[];
  notBefore: Date;
  notAfter: Date;
}

const dayMs = 86_400_000;

/** An authority of our own; whoever trusts its certificate trusts what it issues. */
export class CertificateAuthority {
  readonly certificate: string;
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(private readonly commonName = 'Test authority') {
    this.certificate = certificateOf(
      { ...validity({}), commonName, publicKey: this.keys.publicKey, extensions: authorityExtensions },
      commonName,
      this.keys.privateKey,
    );
  }

  /** A certificate for a server; by default for the loopback address, valid now. */
  issue(options: CertificateOptions = {}): Certificate {
    return serverCertificate(options, { commonName: this.commonName, key: this.keys.privateKey });
  }
}

/** A certificate for a server that no authority stands for. */
export const selfSignedServer = (options: CertificateOptions = {}): Certificate => serverCertificate(options);

/** Without an issuer the server's own key signs. */
function serverCertificate(options: CertificateOptions, issuer?: { commonName: string; key: KeyObject }): Certificate {
  const names = options.names ?? ['localhost', '127.0.0.1'];
  const commonName = names[0] ?? 'nobody';
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject: Subject = {
    ...validity(options),
    commonName,
    publicKey: keys.publicKey,
    extensions: [subjectAltName(names), serverAuthentication],
  };
  return {
    certificate: certificateOf(subject, issuer?.commonName ?? commonName, issuer?.key ?? keys.privateKey),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

/** A certificate that a key signs for itself, as a registry wants it to know the key of its token server. */
export function selfSigned(commonName: string, privateKeyPem: string, publicKey: KeyObject): string {
  const key = createPrivateKey(privateKeyPem);
  return certificateOf({ ...validity({}), commonName, publicKey, extensions: authorityExtensions }, commonName, key);
}

const validity = ({ notBefore, notAfter }: CertificateOptions) => ({
  notBefore: notBefore ?? new Date(Date.now() - dayMs),
  notAfter: notAfter ?? new Date(Date.now() + 30 * dayMs),
});

function certificateOf(subject: Subject, issuer: string, key: KeyObject): string {
  const algorithm = sequence(objectId(key.asymmetricKeyType === 'rsa' ? '1.2.840.113549.1.1.11' : '1.2.840.10045.4.3.2'));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(randomBytes(12)),
    algorithm,
    name(issuer),
    sequence(time(subject.notBefore), time(subject.notAfter)),
    name(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...subject.extensions)),
  );
  const der = sequence(body, algorithm, bitString(sign('sha256', body, key)));
  const lines = der.toString('base64').match(/.{1,64}/g) as string[];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The name of a key in the `kid` of a token: base32 of the first 240 bits of its SHA-256, in groups of four. */
export function keyId(publicKey: KeyObject): string {
  const hash = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 30);
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{5}/g) as string[]).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)]);
  return (letters.join('').match(/.{4}/g) as string[]).join(':');
}

// The few shapes of DER that a certificate is made of.

function tagged(tag: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  if (bytes.length < 0x80) return Buffer.concat([Buffer.from([tag, bytes.length]), bytes]);
  const hex = bytes.length.toString(16);
  const length = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, bytes]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

/** Unsigned: a leading one bit gets a zero byte in front. */
function integer(value: Buffer): Buffer {
  let bytes = value;
  while (bytes.length > 1 && bytes[0] === 0) bytes = bytes.subarray(1);
  return tagged(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function name(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)))));
}

/** Years until 2049 are written with two digits. */
function time(at: Date): Buffer {
  return tagged(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

function extension(id: string, content: Buffer, critical = false): Buffer {
  return sequence(objectId(id), ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, content));
}

const authorityExtensions = [
  extension('2.5.29.19', sequence(tagged(0x01, Buffer.from([0xff]))), true),
  // keyCertSign, and digitalSignature for tokens
  extension('2.5.29.15', tagged(0x03, Buffer.from([2, 0b1000_0100])), true),
];
const serverAuthentication = extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1')));

function subjectAltName(names: readonly string[]): Buffer {
  const entries = names.map((each) =>
    isIP(each) === 4 ? tagged(0x87, Buffer.from(each.split('.').map(Number))) : tagged(0x82, Buffer.from(each)),
  );
  return extension('2.5.29.17', sequence(...entries));
}
