import { BlockList, isIP } from 'node:net';

/** Tells whether an address is that of a proxy whose word counts. */
export type TrustedProxies = (address: string) => boolean;

/** From `TRUSTED_PROXIES`: addresses and networks in CIDR notation. Throws on what is neither. */
export function trustedProxies(list: readonly string[]): TrustedProxies {
  if (list.length === 0) return () => false;
  const block = new BlockList();
  for (const entry of list) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    if (family === 0) throw new Error(`TRUSTED_PROXIES: "${entry}" is no address and no network such as 10.0.0.0/8.`);
    const type = family === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) block.addAddress(address, type);
    else block.addSubnet(address, Number(bits), type);
  }
  return (address) => {
    const family = isIP(address);
    return family !== 0 && block.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** The client's address: that of the connection, or what trusted proxies say, read from the nearest outwards. */
export function clientAddress(
  connection: string | undefined,
  forwardedFor: string | string[] | undefined,
  trusted: TrustedProxies,
): string {
  let address = plain(connection ?? 'unknown');
  const chain = [forwardedFor ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  while (trusted(address)) {
    const next = chain.pop();
    if (next === undefined || isIP(plain(next)) === 0) break;
    address = plain(next);
  }
  return address;
}
