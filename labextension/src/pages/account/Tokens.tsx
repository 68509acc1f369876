import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ApiToken, ApiTokenCreated } from '../../api/types';
import { useHost } from '../../components/host';
import { errorOf } from '../../components/queries';
import { Confirm } from '../../components/sidebar/Confirm';
import { Button } from '../../components/ui/button';
import { ErrorNote, Note } from '../../components/ui/note';
import { moment } from '../../format';
import { t } from '../../i18n';
import { Secret } from './Secret';
import { scopeWords } from './scopes';
import { TokenForm } from './TokenForm';

/** Keys for scripts. */
export function Tokens(): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const tokens = useQuery({ queryKey: ['tokens'], queryFn: ({ signal }) => api.tokens({ signal }) });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<ApiTokenCreated | null>(null);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const error = errorOf(tokens);
  const reload = (): Promise<void> => client.invalidateQueries({ queryKey: ['tokens'] });
  return (
    <section aria-labelledby="da-account-tokens">
      <div className="da-row">
        <h2 id="da-account-tokens">{t('API tokens')}</h2>
        <span className="da-grow" />
        <Button small icon="plus" onClick={() => setMaking(true)}>
          {t('New token')}
        </Button>
      </div>
      <p className="da-muted">{t('A script that sends one acts as you, as far as its scope lets it.')}</p>
      {error && <ErrorNote error={error} retry={() => void tokens.refetch()} />}
      {made && (
        <Note tone="success" title={t('Token “%1” is made', made.token.name)}>
          {t('Copy it now. Nobody can see it again later, you neither.')}
          <Secret value={made.secret} label={t('The token')} />
        </Note>
      )}
      {tokens.data?.length === 0 && (
        <div className="da-empty">
          <p>{t('You have no API token.')}</p>
        </div>
      )}
      {tokens.data !== undefined && tokens.data.length > 0 && (
        <ul className="da-card da-account-list">
          {tokens.data.map(each => (
            <li key={each.id}>
              <div className="da-grow">
                <b>{each.name}</b>
                <small>{factsOf(each)}</small>
              </div>
              <Button small aria-label={t('Revoke %1', each.name)} onClick={() => setRevoking(each)}>
                {t('Revoke')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {making && (
        <TokenForm
          close={() => setMaking(false)}
          made={created => {
            setMade(created);
            void reload();
          }}
        />
      )}
      {revoking && (
        <Confirm
          title={t('Revoke “%1”?', revoking.name)}
          text={t('Scripts that use this token are refused from now on. It can’t be undone.')}
          action={t('Revoke token')}
          busyWords={t('Revoking …')}
          close={() => setRevoking(null)}
          confirm={async () => {
            await api.revokeToken(revoking.id);
            setMade(before => (before?.token.id === revoking.id ? null : before));
            await reload();
          }}
        />
      )}
    </section>
  );
}

function factsOf(token: ApiToken): string {
  const end = token.expires_at === null ? t('no end') : t('until %1', new Date(token.expires_at).toLocaleDateString());
  const used = token.last_used_at === null ? t('never used') : t('last used %1', moment(token.last_used_at));
  return [scopeWords(token.scope), t('ends in …%1', token.hint), end, used].join(' · ');
}
