import { findTypeLoadStatus } from '../../store/typeLoad';
import { type Handler, json } from '../handler';

export const getTypeLoadStatus: Handler<'getTypeLoadStatus'> = async (_, { db }) =>
  json({ syncResult: await findTypeLoadStatus(db) });
