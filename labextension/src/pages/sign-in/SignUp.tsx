import type { FormEvent } from 'react';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import { t } from '../../i18n';
import { usePages } from '../context';
import { Link, useRouter, useTitle } from '../router';
import { emailRule, Field, fieldErrors, newPasswordRule, PasswordField, required, strength, useFields } from './fields';
import { Frame } from './Frame';
import { invitation, joining } from './kept';
import { Notice, WaitNotice } from './Notice';
import { Submit } from './Submit';
import { useWait } from './useWait';

/** A new account, where the server lets people make one. */
export function SignUp(): JSX.Element {
  const { config } = usePages();
  useTitle(t('Create an account'));
  const invited = invitation.read() !== null;
  const open = config.registration === 'open' || (config.registration === 'invitation' && invited);
  return (
    <Frame title={t('Create an account')} subtitle={invited ? t('to join a workspace') : undefined}>
      {open ? <Form /> : <Closed byInvitation={config.registration === 'invitation'} />}
      <p className="da-muted da-gate-small">
        {t('You have an account?')} <Link to={{ page: 'login' }}>{t('Sign in')}</Link>.
      </p>
    </Frame>
  );
}

function Closed({ byInvitation }: { byInvitation: boolean }): JSX.Element {
  return (
    <Notice
      tone="info"
      text={
        byInvitation
          ? t('New accounts are by invitation here. Ask a member of a workspace for a link, then open it.')
          : t('New accounts can’t be made here. Ask an administrator of this server for one.')
      }
    />
  );
}

const NAMES = ['display_name', 'email', 'password'] as const;

function Form(): JSX.Element {
  const { api, session } = usePages();
  const { go } = useRouter();
  const fields = useFields<(typeof NAMES)[number]>({
    display_name: required(t('Enter your name, as others shall see it.')),
    email: emailRule,
    password: newPasswordRule
  });
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
    const { display_name, email, password } = fields.values;
    const secret = invitation.read();
    try {
      await api.register({
        display_name: display_name.trim(),
        email: email.trim(),
        password,
        ...(secret === null ? {} : { invitation: secret })
      });
      session.begin();
      if (secret === null) {
        go({ page: 'home' }, { replace: true });
      } else {
        joining.keep('yes');
        go({ page: 'invitation' }, { replace: true });
      }
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
      <Field {...fields.bind('display_name')} label={t('Name')} name="name" autoComplete="name" maxLength={200} />
      <Field {...fields.bind('email')} label={t('E-mail')} type="email" name="email" autoComplete="username" inputMode="email" />
      <PasswordField
        {...fields.bind('password')}
        label={t('Password')}
        name="password"
        autoComplete="new-password"
        hint={strength(fields.values.password)}
      />
      {wait.words !== null && <WaitNotice words={wait.words} />}
      {error && <Notice text={error.message} />}
      <Submit
        label={t('Create account')}
        busyLabel={t('Creating the account …')}
        busy={busy}
        blocked={wait.words !== null}
      />
    </form>
  );
}
