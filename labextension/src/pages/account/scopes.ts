import type { ApiToken } from '../../api/types';
import { t } from '../../i18n';

type Scope = ApiToken['scope'];

export const SCOPES: readonly Scope[] = ['read', 'work', 'full'];

export function scopeWords(scope: Scope): string {
  switch (scope) {
    case 'read':
      return t('Read only');
    case 'work':
      return t('Data work');
    case 'full':
      return t('Everything you may');
  }
}

export function scopeHint(scope: Scope): string {
  switch (scope) {
    case 'read':
      return t('Sees what you see and changes nothing.');
    case 'work':
      return t('Asks and changes data work; no accounts, members, invitations, roles or audit log.');
    case 'full':
      return t('All that you may do, members and accounts too.');
  }
}
