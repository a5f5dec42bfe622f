import { type Answered, mapIn, nullableText, numberIn, requiredText, textIn, textsIn, truthIn } from './records';

/**
 * What of an object is copied, in the form in which Portolan takes it: of an object of the source as of one of the target, so that
 * both can be compared. Members that an answer does not have are undefined. References are not among them.
 */

export const serverMembers = (from: Answered): Answered => ({
  name: requiredText(from, 'name'),
  hostname: requiredText(from, 'hostname'),
  publicIp: nullableText(from, 'publicIp'),
  tags: textsIn(from, 'tags'),
  dockerMode: textIn(from, 'dockerMode'),
});

export const registryMembers = (from: Answered): Answered => ({
  name: requiredText(from, 'name'),
  type: requiredText(from, 'type'),
  registryUrl: requiredText(from, 'registryUrl'),
  repositoryPrefix: nullableText(from, 'repositoryPrefix'),
  username: nullableText(from, 'username'),
  isDefault: truthIn(from, 'isDefault'),
  refreshIntervalMinutes: numberIn(from, 'refreshIntervalMinutes'),
  autoLinkPattern: nullableText(from, 'autoLinkPattern'),
});

export const imageMembers = (from: Answered): Answered => ({
  name: requiredText(from, 'name'),
  imageName: requiredText(from, 'imageName'),
  tagFilter: textIn(from, 'tagFilter') || undefined,
  autoUpdate: truthIn(from, 'autoUpdate'),
});

export const varMembers = (from: Answered): Answered => ({
  key: requiredText(from, 'key'),
  value: requiredText(from, 'value'),
  description: nullableText(from, 'description'),
});

export const fragmentMembers = (from: Answered): Answered => ({
  name: requiredText(from, 'name'),
  description: nullableText(from, 'description'),
  content: requiredText(from, 'content'),
});

/** Without content, which is read apart. */
export const fileMembers = (from: Answered): Answered => ({
  name: requiredText(from, 'name'),
  filename: requiredText(from, 'filename'),
  description: nullableText(from, 'description'),
  isBinary: truthIn(from, 'isBinary'),
  mimeType: nullableText(from, 'mimeType'),
  autoResync: truthIn(from, 'autoResync'),
  language: textIn(from, 'language') || undefined,
});

export const serviceMembers = (from: Answered): Answered => ({
  name: requiredText(from, 'name'),
  imageTag: textIn(from, 'imageTag'),
  composeTemplate: nullableText(from, 'composeTemplate'),
  healthCheckUrl: nullableText(from, 'healthCheckUrl'),
  baseEnv: mapIn(from, 'baseEnv'),
  deployStrategy: textIn(from, 'deployStrategy'),
  healthWaitMs: numberIn(from, 'healthWaitMs'),
  healthRetries: numberIn(from, 'healthRetries'),
  healthIntervalMs: numberIn(from, 'healthIntervalMs'),
});

export const placementMembers = (from: Answered): Answered => ({
  containerName: requiredText(from, 'containerName'),
  composePath: nullableText(from, 'composePath'),
  envOverrides: mapIn(from, 'envOverrides'),
});
