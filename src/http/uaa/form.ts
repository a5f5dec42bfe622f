import type { IncomingMessage } from 'node:http';
import { OauthProblem } from '../../domain/cloudFoundry/oauthProblem';
import { readBody } from '../requestBody';

const mediaType = 'application/x-www-form-urlencoded';

const invalid = (description: string) => new OauthProblem('invalid_request', description);

/** The members of a form body; {} when nothing was sent. Refuses what is no form in UTF-8, and a member that stands twice. */
export async function readForm(request: IncomingMessage): Promise<Record<string, string>> {
  const bytes = await readBody(request);
  if (bytes.length === 0) return {};
  requireForm(request.headers['content-type']);
  const pairs = [...new URLSearchParams(bytes.toString())];
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    if (seen.has(name)) throw invalid(`${shown(name)} stands twice; send each member once.`);
    if (name.includes('\0') || value.includes('\0')) throw invalid(`${shown(name)} holds U+0000, which no text can.`);
    seen.add(name);
  }
  return Object.fromEntries(pairs);
}

const shown = (name: string): string => `The member "${name.slice(0, 100)}"`;

function requireForm(contentType: string | undefined): void {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.replace(/^charset=|"/g, '');
  if (type === mediaType && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return;
  throw invalid(`The body is to be sent as ${mediaType}, in UTF-8.`);
}
