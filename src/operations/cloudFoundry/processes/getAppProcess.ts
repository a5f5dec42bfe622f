import { json } from '../../handler';
import { startDataFor } from '../droplets/view';
import type { V3Handler } from '../handler';
import { processOfApp } from './ofApp';
import { toProcess } from './view';

export const getAppProcess: V3Handler<'getAppProcess'> = async (request, { db, principal, publicUrl }) => {
  const { embed } = request.query();
  const row = await processOfApp(db, principal, request.path);
  const startData = startDataFor(principal);
  return json(toProcess(row, publicUrl(), { startData, embed: embed !== undefined }));
};
