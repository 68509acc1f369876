import { useState } from 'react';

import type { Me } from '../../api/types';
import { useHost } from '../../components/host';
import { Button } from '../../components/ui/button';
import { Dialog } from '../../components/ui/dialog';
import { ErrorNote } from '../../components/ui/note';
import { t } from '../../i18n';
import { usePages } from '../context';
import { Field, PasswordField, required, useFields } from '../sign-in/fields';
import { WaitNotice } from '../sign-in/Notice';
import { useWait } from '../sign-in/useWait';
import { useSave } from './useSave';

/** The end of one's own account. */
export function Deactivate({ me }: { me: Me }): JSX.Element {
  const [asking, setAsking] = useState(false);
  return (
    <section aria-labelledby="da-account-end">
      <h2 id="da-account-end">{t('Deactivate the account')}</h2>
      <p className="da-muted">
        {t('Nobody can sign in to it any more, and your API tokens end. What you made in workspaces stays there.')}
      </p>
      <div>
        <Button onClick={() => setAsking(true)}>{t('Deactivate my account …')}</Button>
      </div>
      {asking && <Ask email={me.user.email ?? me.user.name} close={() => setAsking(false)} />}
    </section>
  );
}

function Ask({ email, close }: { email: string; close(): void }): JSX.Element {
  const { api } = useHost();
  const { config, session } = usePages();
  const save = useSave();
  const wait = useWait();
  const fields = useFields({
    email: value =>
      value.trim().toLowerCase() === email.toLowerCase() ? null : t('Type %1, so that it doesn’t happen by mistake.', email),
    password: required(t('Enter your password.'))
  });
  const submit = (): void => {
    if (wait.words !== null || !fields.check()) {
      return;
    }
    void save.run(
      async () => {
        await api.deactivate(fields.values.password);
        session.forget();
        location.assign(config.loginUrl);
      },
      error => {
        if (error.kind === 'too-many-tries') {
          wait.begin(error);
          return true;
        }
        return (
          error.kind === 'sign-in-failed' &&
          fields.refuse({ password: t('This isn’t your password. Check it and try again.') })
        );
      }
    );
  };
  return (
    <Dialog
      open
      onOpenChange={close}
      title={t('Deactivate your account?')}
      footer={
        <>
          <span className="da-grow" />
          <Button onClick={close}>{t('Keep it')}</Button>
          <Button variant="danger" busy={save.busy ? t('Deactivating …') : undefined} onClick={submit}>
            {t('Deactivate account')}
          </Button>
        </>
      }
    >
      <form
        className="da-form-grid"
        noValidate
        onSubmit={event => {
          event.preventDefault();
          submit();
        }}
      >
        <p>
          {t(
            'You are signed out everywhere and can’t sign in again. Only an administrator can undo it. Your workspaces, connections and conversations stay for their other members.'
          )}
        </p>
        <Field {...fields.bind('email')} label={t('Type %1 to confirm', email)} autoComplete="off" spellCheck={false} />
        <PasswordField {...fields.bind('password')} label={t('Password')} autoComplete="current-password" />
        {wait.words !== null && <WaitNotice words={wait.words} />}
        {save.error && <ErrorNote error={save.error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
