import type { Issue } from '../errors';

export type BackupRetentionPreset = 'lean' | 'balanced' | 'long_term';

/** What an administrator sets for the whole installation. */
export interface SystemSettings {
  sshCommandTimeoutMs: number;
  sshReadyTimeoutMs: number;
  webhookMaxRetries: number;
  webhookTimeoutMs: number;
  /** null = each wait is twice the one before. */
  webhookRetryDelaysMs: number[] | null;
  /** For a whole request. */
  registryTimeoutMs: number;
  /** Requests at a time to one host, over all replicas. */
  registryMaxConcurrencyPerHost: number;
  /** Tags of one image that are looked up. */
  registryMaxTags: number;
  deployStepTimeoutMs: number;
  maxParallelSteps: number;
  /** Younger digests wait before they are deployed automatically. */
  autoUpdateMinAgeMinutes: number;
  maxUploadSizeMb: number;
  defaultLogLines: number;
  activeUserWindowMin: number;
  /** Where clients reach this service, as it was given; null = where it listens. */
  publicUrl: string | null;
  /** 0 = for ever. */
  auditLogRetentionDays: number;
  databaseMetricsRetentionDays: number;
  healthLogRetentionDays: number;
  webhookDeliveryRetentionDays: number;
  operationRetentionDays: number;
  /** Counted from when a digest was seen last. */
  imageDigestRetentionDays: number;
  /** By its IANA name. */
  timezone: string;
  /** Where the six tiers come from that are not set by themselves. */
  backupRetentionPreset: BackupRetentionPreset;
  backupRetentionKeepLast: number;
  backupRetentionDaily: number;
  backupRetentionWeekly: number;
  backupRetentionMonthly: number;
  backupRetentionYearly: number;
  backupRetentionMinFloor: number;
  /** null = no limit. */
  backupRetentionMaxTotalBytes: number | null;
  failedBackupRetentionDays: number;
  backupRotationConfirmThreshold: number;
}

export type SystemSettingKey = keyof SystemSettings;

/** What a key takes; beyond that null always means the default. */
type Rule =
  | { kind: 'integer'; least: number; most: number }
  | { kind: 'integers'; least: number; most: number; mostItems: number }
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'url' }
  | { kind: 'timezone' };

type Entry<Value> = Rule & { fallback: Value };

const integer = <Fallback extends number | null>(least: number, most: number, fallback: Fallback) =>
  ({ kind: 'integer', least, most, fallback }) as const;

/** Backups that are kept by tier, and how many are never pruned. */
const tiers = {
  backupRetentionKeepLast: { lean: 12, balanced: 24, long_term: 24 },
  backupRetentionDaily: { lean: 7, balanced: 7, long_term: 7 },
  backupRetentionWeekly: { lean: 4, balanced: 4, long_term: 4 },
  backupRetentionMonthly: { lean: 0, balanced: 6, long_term: 12 },
  backupRetentionYearly: { lean: 0, balanced: 0, long_term: 3 },
  backupRetentionMinFloor: { lean: 2, balanced: 2, long_term: 2 },
} as const satisfies Partial<Record<SystemSettingKey, Record<BackupRetentionPreset, number>>>;

type Tier = keyof typeof tiers;
const isTier = (key: string): key is Tier => Object.hasOwn(tiers, key);
const tier = (key: Tier) => integer(0, 10_000, tiers[key].balanced);

const dayMs = 86_400_000;

/** The one list of settings: what each key takes, and what it is while nobody sets it. */
export const systemSettingRules: { readonly [Key in SystemSettingKey]: Entry<SystemSettings[Key]> } = {
  sshCommandTimeoutMs: integer(1000, 600_000, 60_000),
  sshReadyTimeoutMs: integer(1000, 120_000, 10_000),
  webhookMaxRetries: integer(0, 10, 8),
  webhookTimeoutMs: integer(1000, 60_000, 10_000),
  webhookRetryDelaysMs: { kind: 'integers', least: 0, most: dayMs, mostItems: 10, fallback: null },
  registryTimeoutMs: integer(1000, 120_000, 15_000),
  registryMaxConcurrencyPerHost: integer(1, 32, 4),
  registryMaxTags: integer(10, 5000, 500),
  deployStepTimeoutMs: integer(30_000, 7_200_000, 900_000),
  maxParallelSteps: integer(1, 50, 10),
  autoUpdateMinAgeMinutes: integer(0, 43_200, 0),
  maxUploadSizeMb: integer(1, 500, 50),
  defaultLogLines: integer(10, 10_000, 50),
  activeUserWindowMin: integer(1, 1440, 15),
  publicUrl: { kind: 'url', fallback: null },
  auditLogRetentionDays: integer(0, 3650, 90),
  databaseMetricsRetentionDays: integer(1, 365, 30),
  healthLogRetentionDays: integer(1, 365, 30),
  webhookDeliveryRetentionDays: integer(1, 365, 30),
  operationRetentionDays: integer(1, 365, 30),
  imageDigestRetentionDays: integer(1, 3650, 90),
  timezone: { kind: 'timezone', fallback: 'UTC' },
  backupRetentionPreset: { kind: 'choice', options: ['lean', 'balanced', 'long_term'], fallback: 'balanced' },
  backupRetentionKeepLast: tier('backupRetentionKeepLast'),
  backupRetentionDaily: tier('backupRetentionDaily'),
  backupRetentionWeekly: tier('backupRetentionWeekly'),
  backupRetentionMonthly: tier('backupRetentionMonthly'),
  backupRetentionYearly: tier('backupRetentionYearly'),
  backupRetentionMinFloor: tier('backupRetentionMinFloor'),
  backupRetentionMaxTotalBytes: integer(1, Number.MAX_SAFE_INTEGER, null),
  failedBackupRetentionDays: integer(1, 3650, 3),
  backupRotationConfirmThreshold: integer(0, 10_000, 5),
};

const keys = Object.keys(systemSettingRules) as SystemSettingKey[];

/** What the variables of the process say instead of the shipped defaults. */
export type InstallationDefaults = Readonly<Partial<SystemSettings>>;

/** What is set: only keys that were given a value of their own. */
export type StoredSystemSettings = Readonly<Record<string, unknown>>;

/** All settings: what is set, else the installation's default, else the shipped one. */
export function systemSettingsOf(stored: StoredSystemSettings, installation: InstallationDefaults): SystemSettings {
  const set = Object.fromEntries(keys.filter((key) => isAllowed(key, stored[key])).map((key) => [key, stored[key]]));
  const shipped = Object.fromEntries(keys.map((key) => [key, systemSettingRules[key].fallback]));
  const base = { ...shipped, ...installation, ...set } as unknown as SystemSettings;
  return { ...base, ...tiersOf(base.backupRetentionPreset), ...set };
}

const tiersOf = (preset: BackupRetentionPreset) =>
  Object.fromEntries(Object.entries(tiers).map(([key, numbers]) => [key, numbers[preset]]));

/** Absent keeps, null goes back to the default, a value sets. */
export type SystemSettingsPatch = { [Key in SystemSettingKey]?: SystemSettings[Key] | null | undefined };

/**
 * What is set after a change. A preset that is named takes the place of all tiers, except those that are named with it. A
 * value that is the default is none of its own: it follows the default.
 */
export function applySystemSettingsPatch(
  present: StoredSystemSettings,
  patch: SystemSettingsPatch,
  installation: InstallationDefaults,
): StoredSystemSettings {
  const stored: Record<string, unknown> = { ...present };
  if (patch.backupRetentionPreset !== undefined) for (const key of keys.filter(isTier)) delete stored[key];
  for (const key of keys) {
    const value = patch[key];
    if (value === undefined) continue;
    if (value === null || value === '') delete stored[key];
    else stored[key] = value;
  }
  const { backupRetentionPreset } = systemSettingsOf(stored, installation);
  const defaults = { ...systemSettingsOf({}, installation), ...tiersOf(backupRetentionPreset) };
  return Object.fromEntries(Object.entries(stored).filter(([key, value]) => !isSame(value, defaults[key as SystemSettingKey])));
}

/** What the contract cannot say of a change: forms of texts. */
export function systemSettingIssues({ publicUrl, timezone }: SystemSettingsPatch): Issue[] {
  const issues: Issue[] = [];
  const malformed = (field: string, message: string, hint: string) =>
    issues.push({ in: 'body', field, code: 'format', message, hint });
  if (publicUrl && !isPublicUrl(publicUrl)) {
    malformed(
      'publicUrl',
      'Must be an http or https URL without credentials, query and fragment.',
      'Such as https://portolan.example.com.',
    );
  }
  if (typeof timezone === 'string' && !isTimezone(timezone)) {
    malformed('timezone', 'Is no time zone by its IANA name.', 'Such as Europe/Berlin, America/New_York or UTC.');
  }
  return issues;
}

function isAllowed(key: SystemSettingKey, value: unknown): boolean {
  const rule: Rule = systemSettingRules[key];
  switch (rule.kind) {
    case 'integer':
      return isInteger(rule, value);
    case 'integers':
      return Array.isArray(value) && value.length <= rule.mostItems && value.every((one) => isInteger(rule, one));
    case 'choice':
      return rule.options.includes(value as string);
    case 'url':
      return typeof value === 'string' && isPublicUrl(value);
    case 'timezone':
      return typeof value === 'string' && isTimezone(value);
  }
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const isInteger = ({ least, most }: { least: number; most: number }, value: unknown): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

/** Links are made by writing paths behind it. */
function isPublicUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s?#@\\]+$/i.test(text)) return false;
  return URL.canParse(text);
}

/** The platform also takes offsets such as +01:00, which are no names. */
function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
