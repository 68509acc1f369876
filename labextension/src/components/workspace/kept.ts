import { t, tn } from '../../i18n';

/** 90 days, 2 years, for ever. */
export function keptFor(days: number | null): string {
  if (days === null) {
    return t('for ever');
  }
  return days % 365 === 0 ? tn('%1 year', '%1 years', days / 365) : tn('%1 day', '%1 days', days);
}
