import { isIP } from 'node:net';

/**
 * Under these, names belong to strangers: the registrars of many countries sell third-level names, and clouds give names to
 * their customers. A full list of public suffixes changes weekly and would be a dependency; what is missing here can only
 * make two strangers under one suffix look related, who must already be the registry that the user chose.
 */
const secondLevels = /^(?:ac|asn|co|com|edu|gob|gouv|gov|go|gv|id|in|mil|ne|net|nom|or|org|plc|ltd|sch)$/;
const customerSuffixes = [
  'amazonaws.com',
  'appspot.com',
  'awsapps.com',
  'azure.com',
  'azurecontainer.io',
  'azurecr.io',
  'azurewebsites.net',
  'cloudapp.net',
  'cloudfront.net',
  'digitaloceanspaces.com',
  'duckdns.org',
  'dyndns.org',
  'fly.dev',
  'github.io',
  'gitlab.io',
  'googleapis.com',
  'herokuapp.com',
  'netlify.app',
  'ngrok.app',
  'ngrok.io',
  'nip.io',
  'ondigitalocean.app',
  'onrender.com',
  'pages.dev',
  'pkg.dev',
  'r2.dev',
  'run.app',
  'scw.cloud',
  'sslip.io',
  'trycloudflare.com',
  'ts.net',
  'vercel.app',
  'web.app',
  'windows.net',
  'workers.dev',
];

/**
 * Whether credentials for a registry may go to a token server: on the registry's own host (at any port), on a host of the
 * same site, or on one that is listed. A site is the last two labels of a name, or three under suffixes like `co.uk`;
 * addresses, names of one label and names that clouds give to customers are sites of their own.
 */
export function mayReceiveCredentials(registry: URL, realm: URL, realmHosts: readonly string[]): boolean {
  if (realmHosts.includes(realm.hostname) || realmHosts.includes(realm.host)) return true;
  return siteOf(registry.hostname) === siteOf(realm.hostname);
}

/** The part of a host name that has one owner. */
export function siteOf(hostname: string): string {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (isIP(name.replace(/^\[|\]$/g, ''))) return name;
  if (customerSuffixes.some((suffix) => name.endsWith(`.${suffix}`))) return name;
  const labels = name.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  const owned = top.length === 2 && secondLevels.test(second) ? 3 : 2;
  return labels.slice(-owned).join('.');
}
