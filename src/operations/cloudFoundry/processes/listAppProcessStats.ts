import { json } from '../../handler';
import type { V3Handler } from '../handler';
import { processOfApp } from './ofApp';
import { toStats } from './view';

export const listAppProcessStats: V3Handler<'listAppProcessStats'> = async (request, { db, principal, now }) =>
  json({ resources: toStats(await processOfApp(db, principal, request.path), now()) });
