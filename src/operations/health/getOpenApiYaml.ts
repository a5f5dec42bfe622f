import { type PublicHandler, raw } from '../handler';
import { contractYaml } from './contractFiles';

export const getOpenApiYaml: PublicHandler<'getOpenApiYaml', object> = async () => {
  const { content, etag } = contractYaml();
  return raw('application/yaml; charset=utf-8', content, { etag });
};
