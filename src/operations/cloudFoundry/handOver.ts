import { type NewDeletion, startDeletion } from '../../jobs/deletions/startDeletion';
import type { Answer, WriteContext } from '../handler';

/** Hands a deletion to the queue; the answer is the place of its job. */
export async function handOver(
  { tx, principal, requestId, publicUrl, onCommit, events }: WriteContext,
  deletion: Omit<NewDeletion, 'principal' | 'requestId'>,
): Promise<Answer<undefined>> {
  const job = await startDeletion(tx, { ...deletion, principal, requestId });
  onCommit(events.announce);
  return { location: `${publicUrl()}/v3/jobs/${job}` };
}
