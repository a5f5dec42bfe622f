import { lookup as systemLookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import tls from 'node:tls';
import { buildConnector } from 'undici';
import { isMetadataAddress } from '../../../domain/registries/registryUrl';

/** An address that no registry has any business with: the local link, the metadata services of clouds. */
export class EgressRefused extends Error {
  override readonly name = 'EgressRefused';
  readonly code = 'EGRESS_REFUSED';
}

/** Throws for a host that leads to the local link or to instance metadata by its text alone. */
export function guardHost(hostname: string): void {
  if (isMetadataAddress(hostname)) throw new EgressRefused(`${hostname} is a link-local or metadata address.`);
}

/** A lookup that fails when any of the addresses is forbidden: which one would be taken is chance. */
export function guardedLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      const forbidden = addresses.find((address) => isMetadataAddress(address));
      if (forbidden === undefined) return callback(null, found, family);
      callback(new EgressRefused(`${hostname} resolves to ${forbidden}, a link-local or metadata address.`), found, family);
    });
  };
}

/**
 * Connects for undici. The addresses that are checked are those that are connected to: a second lookup in between could
 * answer otherwise.
 */
export function guardedConnector(parts: {
  caFile: string | null;
  connectTimeoutMs(): number;
  lookup?: LookupFunction | undefined;
}): buildConnector.connector {
  const settings = {
    lookup: guardedLookup(parts.lookup),
    ...(parts.caFile === null ? {} : { ca: [...usualCertificates(), readCertificates(parts.caFile)] }),
  };
  const build = (timeout: number) => ({ timeout, connect: buildConnector({ ...settings, timeout }) });
  let built = build(parts.connectTimeoutMs());
  return (options, callback) => {
    // An address given as such is never looked up.
    try {
      guardHost(options.hostname);
    } catch (error) {
      return callback(error as Error, null);
    }
    const timeoutMs = parts.connectTimeoutMs();
    if (built.timeout !== timeoutMs) built = build(timeoutMs);
    connectInTime(built.connect, timeoutMs, options, callback);
  };
}

/** The library's own timer is up to a second late; it only sweeps up what this one left. */
function connectInTime(
  connect: buildConnector.connector,
  timeoutMs: number,
  options: buildConnector.Options,
  callback: buildConnector.Callback,
): void {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    callback(Object.assign(new Error('No connection in time.'), { code: 'UND_ERR_CONNECT_TIMEOUT' }), null);
  }, timeoutMs);
  connect(options, (...[error, socket]) => {
    clearTimeout(timer);
    if (isOver) socket?.destroy();
    else if (error) callback(error, null);
    else callback(null, socket);
  });
}

/** Older versions of Node cannot name the certificates of NODE_EXTRA_CA_CERTS: there they count only without a file. */
function usualCertificates(): readonly string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  return getCACertificates?.('default') ?? tls.rootCertificates;
}

function readCertificates(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`The file of trusted certificates ${file} cannot be read (${code}).`, { cause: error });
  }
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw new Error(`The file of trusted certificates ${file} holds no certificate in PEM form.`);
}
