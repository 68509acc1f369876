import { t } from '../../i18n';

/** By the reader's clock, with the name that they go by. */
export function greeting(now: Date, displayName: string): string {
  const name = displayName.trim().split(/\s+/)[0] ?? '';
  const hour = now.getHours();
  if (hour >= 5 && hour < 12) {
    return name === '' ? t('Good morning') : t('Good morning, %1', name);
  }
  if (hour >= 12 && hour < 18) {
    return name === '' ? t('Good afternoon') : t('Good afternoon, %1', name);
  }
  return name === '' ? t('Good evening') : t('Good evening, %1', name);
}
