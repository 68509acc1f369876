import { lazy, Suspense, useState } from 'react';

import { errorOf, useMe } from '../../components/queries';
import { ErrorNote } from '../../components/ui/note';
import { Tabs } from '../../components/ui/tabs';
import { t } from '../../i18n';
import { usePages } from '../context';
import { useTitle } from '../router';
import { Deactivate } from './Deactivate';
import { Devices } from './Devices';
import { PasswordChange } from './PasswordChange';
import { Profile } from './Profile';
import { Tokens } from './Tokens';

const Users = lazy(() => import('./Users').then(part => ({ default: part.Users })));

/** One's own account; for the server's administrators also everybody's. */
export function Account(): JSX.Element {
  const { config } = usePages();
  const me = useMe();
  const [tab, setTab] = useState('account');
  useTitle(t('Account'));
  const error = errorOf(me);
  const team = config.mode === 'team';
  const own = me.data && (
    <>
      <Profile me={me.data} />
      {team && (
        <>
          <PasswordChange />
          <Devices />
          <Tokens />
          <Deactivate me={me.data} />
        </>
      )}
    </>
  );
  return (
    <main className="da-in">
      <div className="da-account">
        <h1>{t('Account')}</h1>
        {error && <ErrorNote error={error} retry={() => void me.refetch()} />}
        {team && me.data?.user.is_admin === true ? (
          <Tabs
            label={t('Account')}
            tabs={[
              { key: 'account', label: t('Your account') },
              { key: 'users', label: t('Users') }
            ]}
            value={tab}
            onChange={setTab}
          >
            {tab === 'account' ? (
              <div className="da-account">{own}</div>
            ) : (
              <Suspense fallback={<p className="da-sr">{t('Loading')}</p>}>
                <Users me={me.data} />
              </Suspense>
            )}
          </Tabs>
        ) : (
          own
        )}
      </div>
    </main>
  );
}
