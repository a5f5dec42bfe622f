import { changeDetails, differingMembers } from '../../domain/changes';
import { type StoredSystemSettings, type SystemSettings, systemSettingsOf } from '../../domain/settings/systemSettings';
import { type SystemSettingsRow, saveSystemSettings } from '../../store/systemSettings';
import type { WriteContext } from '../handler';

type Installation = Pick<WriteContext, 'liveSettings'>;

/** What clients see of what is set. */
export const toSystemSettings = ({ settings }: SystemSettingsRow, { liveSettings }: Installation): SystemSettings =>
  systemSettingsOf(settings, liveSettings.installation);

/** Saves and audits what is set in the locked row; it acts here before the answer, and elsewhere when the commit is told. */
export async function changeSystemSettings(
  context: WriteContext,
  before: SystemSettingsRow,
  settings: StoredSystemSettings,
  action: 'update' | 'reset',
): Promise<SystemSettingsRow> {
  if (differingMembers({ settings: before.settings }, { settings }).length === 0) return before;
  const saved = await saveSystemSettings(context.tx, settings);
  const [told, tells] = [toSystemSettings(before, context), toSystemSettings(saved, context)];
  await context.audit({
    action,
    resourceType: 'system_settings',
    details: changeDetails(told, tells, differingMembers(told, tells)),
  });
  context.onCommit(() => context.liveSettings.adopt(saved));
  return saved;
}
