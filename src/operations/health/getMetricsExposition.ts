import { type PublicHandler, raw } from '../handler';

export interface MetricsNeeds {
  exposition(): Promise<string>;
}

export const getMetricsExposition: PublicHandler<'getMetricsExposition', MetricsNeeds> = async (_request, { exposition }) =>
  raw('text/plain; version=0.0.4; charset=utf-8', await exposition());
