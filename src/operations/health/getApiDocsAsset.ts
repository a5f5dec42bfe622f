import { dirname, join } from 'node:path';
import { notFound } from '../../domain/errors';
import { type PublicHandler, raw } from '../handler';
import { etagOfContent, servedFile } from './contractFiles';

const start = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#reference',
    deepLinking: true,
    filter: true,
    persistAuthorization: true,
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
