import type { OperationState } from '../operations/operation';

/** Kinds of operations that /v3 shows as jobs, each with the type of resource that it works on. */
export const jobKinds = {
  'droplet.delete': 'droplet',
  'package.delete': 'package',
  'app.delete': 'app',
  'droplet.upload': 'droplet',
} as const;
export type JobKind = keyof typeof jobKinds;

export type JobState = 'PROCESSING' | 'COMPLETE' | 'FAILED';

const states: Readonly<Record<OperationState, JobState>> = {
  queued: 'PROCESSING',
  running: 'PROCESSING',
  succeeded: 'COMPLETE',
  failed: 'FAILED',
  cancelled: 'FAILED',
};

/** How far a job is. */
export const jobStateOf = (state: OperationState): JobState => states[state];
