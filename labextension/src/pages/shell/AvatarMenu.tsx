import { useState } from 'react';

import { useMe } from '../../components/queries';
import { Avatar } from '../../components/ui/avatar';
import { useAnnounce } from '../../components/ui/live';
import type { MenuItem } from '../../components/ui/menu';
import { Menu } from '../../components/ui/menu';
import { t } from '../../i18n';
import { usePages } from '../context';
import { useRouter } from '../router';
import type { Theme } from '../theme';
import { showTheme, theme } from '../theme';
import { useSignOut } from './useSignOut';

/** The user's own things: the account, how the pages look, and the way out. */
export function AvatarMenu({ showKeys }: { showKeys(): void }): JSX.Element {
  const { config } = usePages();
  const { go } = useRouter();
  const me = useMe();
  const announce = useAnnounce();
  const out = useSignOut(error => announce(error.message, true));
  const [look, setLook] = useState<Theme>(theme);
  const name = me.data?.user.display_name ?? '';

  const themes: [Theme, string][] = [
    ['system', t('System theme')],
    ['light', t('Light theme')],
    ['dark', t('Dark theme')]
  ];
  const items: MenuItem[] = [
    {
      key: 'account',
      label: t('Account'),
      detail: me.data?.user.email ?? '',
      icon: 'user',
      onSelect: () => go({ page: 'account' })
    },
    ...(me.data?.user.is_admin === true && config.mode !== 'solo'
      ? [
          {
            key: 'audit',
            label: t('Audit log of this server'),
            icon: 'scroll-text' as const,
            onSelect: () => go({ page: 'audit' })
          }
        ]
      : []),
    ...themes.map(([value, label], index) => ({
      key: value,
      label,
      separated: index === 0,
      checked: value === look,
      onSelect: () => {
        setLook(value);
        showTheme(value);
      }
    })),
    { key: 'keys', label: t('Keys'), shortcut: '?', separated: true, onSelect: showKeys },
    { key: 'out', label: t('Sign out'), icon: 'log-out', separated: true, onSelect: () => out(false) }
  ];
  if (config.mode === 'team') {
    items.push({ key: 'everywhere', label: t('Sign out everywhere'), onSelect: () => out(true) });
  }
  return (
    <Menu
      label={t('You')}
      align="end"
      items={items}
      trigger={
        <button type="button" className="da-me">
          <span className="da-sr">{name === '' ? t('You') : t('You: %1', name)}</span>
          <Avatar id={me.data?.user.id ?? ''} name={name === '' ? '–' : name} size={30} />
        </button>
      }
    />
  );
}
