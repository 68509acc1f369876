import type { FormEvent } from 'react';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import { t } from '../../i18n';
import { usePages } from '../context';
import { Link, useTitle } from '../router';
import { fieldErrors, newPasswordRule, PasswordField, strength, useFields } from './fields';
import { Frame } from './Frame';
import { takeSecret } from './kept';
import { Notice, WaitNotice } from './Notice';
import { Submit } from './Submit';
import { useWait } from './useWait';

/** Out of the address once; in development React begins a component twice. */
let secret: string | null = null;

/** A new password, with the link that an administrator sent. */
export function Reset(): JSX.Element {
  useTitle(t('New password'));
  const [token] = useState(() => (secret = takeSecret() ?? secret));
  const [done, setDone] = useState(false);
  if (done) {
    return (
      <Frame title={t('New password')}>
        <Notice tone="success" text={t('Your new password is set. All devices are signed out.')} />
        <Link className="da-btn da-btn--primary" to={{ page: 'login' }}>
          {t('Sign in')}
        </Link>
      </Frame>
    );
  }
  return (
    <Frame title={t('New password')} subtitle={t('All your devices are signed out with it.')}>
      {token === null ? (
        <Notice tone="info" text={t('This address has no secret in it. Open the whole link that you were sent.')} />
      ) : (
        <Form token={token} done={() => setDone(true)} />
      )}
    </Frame>
  );
}

const NAMES = ['password'] as const;

function Form({ token, done }: { token: string; done(): void }): JSX.Element {
  const { api, session } = usePages();
  const fields = useFields<'password'>({ password: newPasswordRule });
  const wait = useWait();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setError(null);
    if (busy || wait.words !== null || !fields.check()) {
      return;
    }
    setBusy(true);
    try {
      await api.resetPassword(token, fields.values.password);
      secret = null;
      session.forget();
      done();
    } catch (reason) {
      setBusy(false);
      const refusal = asApiError(reason);
      if (refusal.kind === 'too-many-tries') {
        wait.begin(refusal);
      } else if (!fields.refuse(fieldErrors(refusal, NAMES))) {
        setError(refusal);
      }
    }
  };

  return (
    <form className="da-gate-fields" noValidate onSubmit={event => void submit(event)}>
      <PasswordField
        {...fields.bind('password')}
        label={t('New password')}
        name="password"
        autoComplete="new-password"
        hint={strength(fields.values.password)}
      />
      {wait.words !== null && <WaitNotice words={wait.words} />}
      {error && <Notice text={error.message} />}
      <Submit label={t('Set password')} busyLabel={t('Setting the password …')} busy={busy} blocked={wait.words !== null} />
    </form>
  );
}
