import { unprocessable, V3Problem } from './problem';

/** What is deleted by a job: the kind of its operation, under /v3 the `operation` of a job. */
export type DeletionKind = 'droplet.delete' | 'package.delete' | 'app.delete';

/** What the audit calls the end of each. */
export const deletionFacts: Readonly<Record<DeletionKind, { operationId: string; cfType: string }>> = {
  'droplet.delete': { operationId: 'deleteDroplet', cfType: 'audit.app.droplet.delete' },
  'package.delete': { operationId: 'deletePackage', cfType: 'audit.app.package.delete' },
  'app.delete': { operationId: 'deleteApp', cfType: 'audit.app.delete-request' },
};

/** What is said of the current droplet, by the request and by the job. */
export const currentDropletStays = (appGuid: string): V3Problem =>
  unprocessable(`The droplet is the current droplet of the app '${appGuid}' and cannot be deleted`);

/** An entry of `errors` of a job under /v3. */
export interface JobError {
  code: number;
  title: string;
  detail: string;
}

const refused = { code: 10008, title: 'CF-UnprocessableEntity' };
const defect = { code: 10001, title: 'UnknownError' };
const defectMessage = 'An unknown error occurred.';

/** Why a deletion failed, as its operation keeps it: what a state forbade is told, a defect is not. */
export const deletionError = (error: unknown, requestId: string): object =>
  error instanceof V3Problem
    ? { code: 'CONFLICT', message: error.detail, hint: 'Change that first, and delete it again.', requestId }
    : { code: 'INTERNAL', message: defectMessage, requestId };

/** The error of an operation, whatever failed, as a job under /v3 tells it. */
export function jobErrorOf({ code, message }: { code: string; message: string }): JobError {
  return { ...(code === 'INTERNAL' ? defect : refused), detail: message };
}
