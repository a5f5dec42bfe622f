import { type Answer, raw } from '../handler';

/** A type as the file that it would be loaded from. It holds only what users set, so the version alone is its ETag. */
export const typeFile = (definition: { name: string }, version: number): Answer<never> =>
  raw('application/json; charset=utf-8', `${JSON.stringify(definition, null, 2)}\n`, {
    etag: `"${version}.0"`,
    headers: { 'Content-Disposition': `attachment; filename="${definition.name}.json"` },
  });
