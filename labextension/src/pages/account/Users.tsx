import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { Account, AccountUpdate, Me } from '../../api/types';
import { useHost } from '../../components/host';
import { errorOf } from '../../components/queries';
import { Confirm } from '../../components/sidebar/Confirm';
import { Avatar } from '../../components/ui/avatar';
import { IconButton } from '../../components/ui/button';
import type { MenuItem } from '../../components/ui/menu';
import { Menu } from '../../components/ui/menu';
import { ErrorNote, Note } from '../../components/ui/note';
import { moment } from '../../format';
import { t } from '../../i18n';
import { Secret } from './Secret';
import { useSave } from './useSave';

/** All accounts of the server, for its administrators. */
export function Users({ me }: { me: Me }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const users = useQuery({ queryKey: ['users'], queryFn: ({ signal }) => api.users({ signal }) });
  const save = useSave();
  const [link, setLink] = useState<{ name: string; link: string } | null>(null);
  const [ending, setEnding] = useState<Account | null>(null);
  const error = errorOf(users) ?? save.error;

  const change = async (user: Account, update: AccountUpdate): Promise<void> => {
    await api.updateUser(user.id, update);
    await client.invalidateQueries({ queryKey: ['users'] });
  };
  const itemsOf = (user: Account): MenuItem[] => [
    {
      key: 'reset',
      label: t('New password link …'),
      icon: 'link',
      disabled: !user.active,
      onSelect: () =>
        void save.run(async () => {
          const made = await api.createResetLink(user.id);
          setLink({ name: user.display_name, link: new URL(made.link, location.origin).href });
        })
    },
    {
      key: 'admin',
      label: user.is_admin ? t('Take administration away') : t('Make administrator'),
      icon: 'shield-check',
      disabled: !user.active,
      onSelect: () => void save.run(() => change(user, { is_admin: !user.is_admin }))
    },
    user.active
      ? { key: 'off', label: t('Deactivate …'), danger: true, separated: true, onSelect: () => setEnding(user) }
      : { key: 'on', label: t('Activate again'), separated: true, onSelect: () => void save.run(() => change(user, { active: true })) }
  ];

  return (
    <section aria-label={t('Users')}>
      {error && <ErrorNote error={error} />}
      {link && (
        <Note tone="success" title={t('A link for %1', link.name)}>
          {t('Send it to them. It sets a new password once, within a day. Nobody can see it again later.')}
          <Secret value={link.link} label={t('The link')} />
        </Note>
      )}
      {users.isPending && <div className="da-skel da-skel--form" role="status" aria-label={t('Loading')} />}
      {users.data && (
        <ul className="da-card da-account-list">
          {users.data.map(user => (
            <li key={user.id}>
              <Avatar id={user.id} name={user.display_name} />
              <div className="da-grow">
                <b>{user.display_name}</b>
                <small>{factsOf(user)}</small>
              </div>
              {user.is_admin && <span className="da-badge">{t('Administrator')}</span>}
              {!user.active && <span className="da-badge da-badge--warn">{t('Deactivated')}</span>}
              {user.id === me.user.id ? (
                <span className="da-badge">{t('You')}</span>
              ) : (
                <Menu
                  label={t('Actions for %1', user.display_name)}
                  align="end"
                  trigger={<IconButton icon="ellipsis" label={t('Actions for %1', user.display_name)} />}
                  items={itemsOf(user)}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {ending && (
        <Confirm
          title={t('Deactivate %1?', ending.display_name)}
          text={t(
            'They are signed out everywhere and can’t sign in again; their API tokens end. What they made in workspaces stays. You can activate the account again.'
          )}
          action={t('Deactivate account')}
          busyWords={t('Deactivating …')}
          close={() => setEnding(null)}
          confirm={() => change(ending, { active: false })}
        />
      )}
    </section>
  );
}

function factsOf(user: Account): string {
  const seen = user.last_seen_at === null ? t('never signed in') : t('last seen %1', moment(user.last_seen_at));
  return user.email === null ? seen : `${user.email} · ${seen}`;
}
