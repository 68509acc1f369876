import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { useHost } from '../../components/host';
import { errorOf } from '../../components/queries';
import { Button } from '../../components/ui/button';
import { ErrorNote } from '../../components/ui/note';
import { moment } from '../../format';
import { t } from '../../i18n';
import { useSignOut } from '../shell/useSignOut';
import { device } from './device';
import { useSave } from './useSave';

/** Where one is signed in. */
export function Devices(): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: ({ signal }) => api.sessions({ signal }) });
  const save = useSave();
  const [stuck, setStuck] = useState<ApiError | null>(null);
  const out = useSignOut(setStuck);
  const error = errorOf(sessions) ?? save.error ?? stuck;
  return (
    <section aria-labelledby="da-account-devices">
      <h2 id="da-account-devices">{t('Devices')}</h2>
      {error && <ErrorNote error={error} retry={() => void sessions.refetch()} />}
      {sessions.isPending && <div className="da-skel da-skel--line" role="status" aria-label={t('Loading')} />}
      {sessions.data && (
        <ul className="da-card da-account-list">
          {sessions.data.map(each => (
            <li key={each.id}>
              <div className="da-grow">
                <b>{device(each.agent)}</b>
                <small>{t('%1, last used %2', each.address, moment(each.last_used_at))}</small>
              </div>
              {each.current ? (
                <span className="da-badge">{t('This device')}</span>
              ) : (
                <Button
                  small
                  disabled={save.busy}
                  aria-label={t('Sign out %1', device(each.agent))}
                  onClick={() =>
                    void save.run(async () => {
                      await api.endSession(each.id);
                      await client.invalidateQueries({ queryKey: ['sessions'] });
                    })
                  }
                >
                  {t('Sign out')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      <div>
        <Button icon="log-out" onClick={() => out(true)}>
          {t('Sign out everywhere')}
        </Button>
      </div>
    </section>
  );
}
