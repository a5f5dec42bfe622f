import type { Principal } from '../access/principal';
import { sees } from './droplets/access';
import { unprocessable } from './problem';

/** The row that a body names, if it is there and can be seen; else 422. */
export function named<Row extends { environment_id: string }>(
  principal: Principal,
  row: Row | undefined,
  noun: 'App' | 'Package',
  guid: string,
): Row {
  if (row && sees(principal, row.environment_id)) return row;
  throw unprocessable(`${noun} with guid "${guid}" does not exist, or you do not have access to it`);
}
