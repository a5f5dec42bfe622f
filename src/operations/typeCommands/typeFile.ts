import { type Answer, raw } from '../handler';

/** A type as the file that it would be loaded from: what users set, so that its version tells whether it is the same. */
export const typeFile = (definition: { name: string }, version: number): Answer<never> =>
  raw('application/json; charset=utf-8', `${JSON.stringify(definition, null, 2)}\n`, {
    etag: `"${version}.0"`,
    headers: { 'Content-Disposition': `attachment; filename="${definition.name}.json"` },
  });
