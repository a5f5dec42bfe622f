import { composeKeysIn, keysOfEnv } from '../config/compose';
import { keyIssues } from '../config/placeholders';
import type { Issue } from '../errors';
import { isValidTag } from '../images/reference';
import { patchedText } from '../registries/registry';

export type DeployStrategy = 'sequential' | 'parallel';

/** What a user sets on a service. */
export interface ServiceSettings {
  name: string;
  /** null only until the first build of a service that came over the Cloud Foundry surface. */
  containerImageId: string | null;
  imageTag: string;
  composeTemplate: string | null;
  healthCheckUrl: string | null;
  baseEnv: Readonly<Record<string, string>>;
  deployStrategy: DeployStrategy;
  serviceTypeId: string | null;
  healthWaitMs: number;
  healthRetries: number;
  healthIntervalMs: number;
}

/** Absent keeps, null clears, a value sets; `""` clears the texts that may be null. */
export interface ServicePatch {
  name?: string | undefined;
  containerImageId?: string | undefined;
  imageTag?: string | undefined;
  composeTemplate?: string | null | undefined;
  healthCheckUrl?: string | null | undefined;
  baseEnv?: Readonly<Record<string, string>> | null | undefined;
  deployStrategy?: DeployStrategy | undefined;
  serviceTypeId?: string | null | undefined;
  healthWaitMs?: number | undefined;
  healthRetries?: number | undefined;
  healthIntervalMs?: number | undefined;
}

/** What a service starts from. */
export const newService = (name: string, containerImageId: string | null): ServiceSettings => ({
  name,
  containerImageId,
  imageTag: 'latest',
  composeTemplate: null,
  healthCheckUrl: null,
  baseEnv: {},
  deployStrategy: 'sequential',
  serviceTypeId: null,
  healthWaitMs: 30_000,
  healthRetries: 3,
  healthIntervalMs: 5_000,
});

/** The settings after a patch; a map replaces the whole old one. */
export const applyServicePatch = (present: ServiceSettings, patch: ServicePatch): ServiceSettings => ({
  name: patch.name ?? present.name,
  containerImageId: patch.containerImageId ?? present.containerImageId,
  imageTag: patch.imageTag ?? present.imageTag,
  composeTemplate: patchedText(present.composeTemplate, patch.composeTemplate),
  healthCheckUrl: patchedText(present.healthCheckUrl, patch.healthCheckUrl),
  baseEnv: patch.baseEnv === undefined ? present.baseEnv : (patch.baseEnv ?? {}),
  deployStrategy: patch.deployStrategy ?? present.deployStrategy,
  serviceTypeId: patchedText(present.serviceTypeId, patch.serviceTypeId),
  healthWaitMs: patch.healthWaitMs ?? present.healthWaitMs,
  healthRetries: patch.healthRetries ?? present.healthRetries,
  healthIntervalMs: patch.healthIntervalMs ?? present.healthIntervalMs,
});

const kibibyte = 1024;
const longestTemplateBytes = 256 * kibibyte;
const longestValueBytes = 32 * kibibyte;

const tooLong = (field: string, limit: number): Issue => ({
  in: 'body',
  field,
  code: 'maxLength',
  message: `Must have at most ${limit} bytes of UTF-8.`,
});

/** What is wrong with the values of environment variables; `member` holds them. A schema counts characters, this limit is bytes. */
export const envIssues = (member: string, values: Readonly<Record<string, string>> | null | undefined): Issue[] => [
  ...Object.entries(values ?? {})
    .filter(([, value]) => Buffer.byteLength(value) > longestValueBytes)
    .map(([key]) => tooLong(`${member}.${key}`, longestValueBytes)),
  ...keyIssues(member, keysOfEnv(values ?? {})),
];

/** Rules on what a patch sets that a schema cannot hold: it counts characters, and these limits are bytes. */
export function checkService(patch: ServicePatch): Issue[] {
  const issues: Issue[] = [];
  if (Buffer.byteLength(patch.composeTemplate ?? '') > longestTemplateBytes) {
    issues.push(tooLong('composeTemplate', longestTemplateBytes));
  }
  issues.push(...keyIssues('composeTemplate', composeKeysIn(patch.composeTemplate ?? '')));
  issues.push(...envIssues('baseEnv', patch.baseEnv));
  if (patch.healthCheckUrl && !isHealthCheckUrl(patch.healthCheckUrl)) {
    const message = 'Must be an http or https URL.';
    const hint = 'Write http://127.0.0.1:8080/health; without a scheme it is called as http.';
    issues.push({ in: 'body', field: 'healthCheckUrl', code: 'format', message, hint });
  }
  return issues;
}

/** A value without a scheme is a URL after `http://`. */
function isHealthCheckUrl(text: string): boolean {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) return false;
  return !/[\s\p{Cc}]/u.test(text) && URL.canParse(scheme === undefined ? `http://${text}` : text);
}

/** Why a service cannot be deleted while an operation on it has not ended. */
export const operationHolds = ({ kind, state }: { kind: string; state: string }): string =>
  `An operation on this service (${kind}) is ${state}.`;

/** Something that was stored as given and cannot be used as it is. */
export interface ServiceWarning {
  code: string;
  message: string;
}

/** What a user should know about a stored service. */
export function serviceWarnings(settings: Pick<ServiceSettings, 'imageTag'>): ServiceWarning[] {
  if (isValidTag(settings.imageTag)) return [];
  const message = `imageTag "${settings.imageTag.slice(0, 200)}" is no valid tag: deploys and builds refuse it. A tag has up to 128 letters, digits, "_", "." and "-", and starts with none of the last two.`;
  return [{ code: 'invalid_image_tag', message }];
}

/** What the audit tells of a service: variables by key only, and texts that can hold credentials not at all. */
export function auditedSettings(settings: ServiceSettings): object {
  const { composeTemplate: _, healthCheckUrl: __, baseEnv, ...plain } = settings;
  return { ...plain, baseEnv: Object.keys(baseEnv) };
}
