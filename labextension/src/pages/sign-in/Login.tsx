import type { FormEvent } from 'react';
import { useEffect, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import { t } from '../../i18n';
import { usePages } from '../context';
import type { Route } from '../paths';
import { ownPath, routeOf } from '../paths';
import { Link, useRouter, useTitle } from '../router';
import { emailRule, Field, PasswordField, required, useFields } from './fields';
import { Frame } from './Frame';
import { HubButton } from './HubButton';
import { invitation } from './kept';
import { Notice, WaitNotice } from './Notice';
import { Submit } from './Submit';
import { useWait } from './useWait';

/** Signing in, and on to where one wanted. */
export function Login(): JSX.Element | null {
  const { config, session } = usePages();
  const { go } = useRouter();
  useTitle(t('Sign in'));
  const next = ownPath(new URLSearchParams(location.search).get('next'), config.baseUrl);
  const route = routeOf(next, config.baseUrl);
  const [asking, setAsking] = useState(() => config.mode === 'team' && session.isRemembered);

  // Who signed in here before has a session that may be good still; only its short part is over.
  useEffect(() => {
    if (!asking) {
      return;
    }
    session.refresh().then(
      refreshed => {
        if (refreshed) {
          go(route, { replace: true });
        } else {
          session.forget();
          setAsking(false);
        }
      },
      () => setAsking(false)
    );
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens.
  }, []);

  if (asking) {
    return (
      <div className="da-root da-page" role="status" aria-label={t('Signing in')}>
        <h1 className="da-sr">{t('Signing in')}</h1>
      </div>
    );
  }
  return (
    <Frame title={t('Sign in')} subtitle={purpose(route)}>
      {config.continueUrl !== null && <HubButton next={next} />}
      {config.mode === 'team' && <Form then={route} />}
    </Frame>
  );
}

/** Nothing that needs a permission to know, such as a workspace's name. */
function purpose(route: Route): string | undefined {
  switch (route.page) {
    case 'ask':
      return t('to open “%1”', t('Ask'));
    case 'account':
      return t('to open “%1”', t('Account'));
    case 'audit':
      return t('to open “%1”', t('Audit log of this server'));
    case 'workspace':
      return t('to open a workspace');
    case 'invitation':
      return t('to join a workspace');
    default:
      return undefined;
  }
}

function Form({ then }: { then: Route }): JSX.Element {
  const { api, config, session } = usePages();
  const { go } = useRouter();
  const fields = useFields({ email: emailRule, password: required(t('Enter your password.')) });
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
      await api.login({ email: fields.values.email.trim(), password: fields.values.password });
      session.begin();
      go(then, { replace: true });
    } catch (reason) {
      setBusy(false);
      const refusal = asApiError(reason);
      if (refusal.kind === 'sign-in-failed') {
        fields.refuse({ password: t('E-mail and password don’t match. Check both and try again.') });
      } else if (refusal.kind === 'too-many-tries') {
        wait.begin(refusal);
      } else {
        setError(refusal);
      }
    }
  };

  return (
    <form className="da-gate-fields" noValidate onSubmit={event => void submit(event)}>
      <Field {...fields.bind('email')} label={t('E-mail')} type="email" name="email" autoComplete="username" inputMode="email" />
      <PasswordField {...fields.bind('password')} label={t('Password')} name="password" autoComplete="current-password" />
      {wait.words !== null && <WaitNotice words={wait.words} />}
      {error && <Notice text={error.message} />}
      <Submit label={t('Sign in')} busyLabel={t('Signing in …')} busy={busy} blocked={wait.words !== null} />
      <p className="da-muted da-gate-small">
        {(config.registration === 'open' || (config.registration === 'invitation' && invitation.read() !== null)) && (
          <>
            {t('New here?')} <Link to={{ page: 'signup' }}>{t('Create an account')}</Link>.{' '}
          </>
        )}
        {t('Lost your password? An administrator can send a new link.')}
      </p>
    </form>
  );
}
