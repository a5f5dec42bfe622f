import { dirname, join } from 'node:path';
import { notFound } from '../../domain/errors';
import { type PublicHandler, raw } from '../handler';
import { etagOfContent, servedFile } from './contractFiles';

/** The contract names an example of a server; the page calls the one that it came from. */
const start = `window.onload = async () => {
  const spec = await (await fetch('/openapi.json')).json();
  spec.servers = [{ url: window.location.origin, description: 'This service' }];
  window.ui = SwaggerUIBundle({
    spec,
    dom_id: '#reference',
    deepLinking: true,
    filter: true,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    docExpansion: 'none',
  });
};
`;

const startEtag = etagOfContent(start);

const types: Record<string, string> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

export const getApiDocsAsset: PublicHandler<'getApiDocsAsset', object> = async ({ path }) => {
  if (path.asset === 'start.js') return raw('text/javascript; charset=utf-8', start, { etag: startEtag });
  const type = Object.hasOwn(types, path.asset) ? types[path.asset] : undefined;
  if (type === undefined) throw notFound('documentation file', path.asset);
  const folder = dirname(require.resolve('swagger-ui-dist/package.json'));
  const { content, etag } = servedFile(join(folder, path.asset));
  return raw(type, content, { etag });
};
