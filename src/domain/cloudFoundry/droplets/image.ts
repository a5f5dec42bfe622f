import { type ImageReference, parseReference } from '../../images/reference';
import { unprocessable } from '../problem';

const longestRepository = 1000;

/** What is wrong with the image of a body, which may be anything; a body without one has nothing wrong. */
export function imageProblems({ image }: Readonly<Record<string, unknown>>): string[] {
  if (typeof image !== 'string' || image === '') return [];
  const parsed = parseReference(image);
  if ('problem' in parsed) return [`'image' is no image reference: ${parsed.problem.message.replace(/\.$/, '')}`];
  if (parsed.value.repository.length <= longestRepository) return [];
  return [`'image' names a repository of more than ${longestRepository} characters`];
}

/** The reference of an image that was found good; null stands for none. */
export function referenceOf(image: string | null): ImageReference | null {
  const parsed = image === null ? undefined : parseReference(image);
  return parsed && 'value' in parsed ? parsed.value : null;
}

/** Name of the repository as a container image has it: with the host if the reference names one. */
export const repositoryAsGiven = ({ host, hostGiven, givenPath }: ImageReference): string =>
  hostGiven ? `${host}/${givenPath}` : givenPath;

/** Refuses (422) another image for a droplet in a state that forbids it. `null` and `''` take the image away. */
export function requireRepointable(droplet: { state: string; isCurrent: boolean }, image: string | null): void {
  if (droplet.state !== 'STAGED')
    throw unprocessable(`The image can only be changed of a staged droplet; it is ${droplet.state}`);
  if (!image && droplet.isCurrent) throw unprocessable('The image of a droplet that is current cannot be taken away');
}
