import { type PublicHandler, raw } from '../handler';
import { contractJson } from './contractFiles';

export const getOpenApiDocument: PublicHandler<'getOpenApiDocument', object> = async () => {
  const { content, etag } = contractJson();
  return raw('application/json; charset=utf-8', content, { etag });
};
