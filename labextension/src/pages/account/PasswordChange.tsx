import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useHost } from '../../components/host';
import { Button } from '../../components/ui/button';
import { ErrorNote, Note } from '../../components/ui/note';
import { t } from '../../i18n';
import { fieldErrors, newPasswordRule, PasswordField, required, strength, useFields } from '../sign-in/fields';
import { WaitNotice } from '../sign-in/Notice';
import { useWait } from '../sign-in/useWait';
import { useSave } from './useSave';

const NAMES = ['current_password', 'new_password'] as const;

/** Another password; it signs every other device out. */
export function PasswordChange(): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const [done, setDone] = useState(false);
  const save = useSave();
  const wait = useWait();
  const fields = useFields<(typeof NAMES)[number]>({
    current_password: required(t('Enter the password that you have now.')),
    new_password: newPasswordRule
  });
  return (
    <section aria-labelledby="da-account-password">
      <h2 id="da-account-password">{t('Password')}</h2>
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          setDone(false);
          if (wait.words !== null || !fields.check()) {
            return;
          }
          const { current_password, new_password } = fields.values;
          void save.run(
            async () => {
              await api.changePassword(current_password, new_password);
              fields.clear();
              setDone(true);
              await client.invalidateQueries({ queryKey: ['sessions'] });
            },
            error => {
              if (error.kind === 'sign-in-failed') {
                return fields.refuse({ current_password: t('This isn’t your password. Check it and try again.') });
              }
              if (error.kind === 'too-many-tries') {
                wait.begin(error);
                return true;
              }
              return fields.refuse(fieldErrors(error, NAMES));
            }
          );
        }}
      >
        <PasswordField {...fields.bind('current_password')} label={t('Current password')} autoComplete="current-password" />
        <PasswordField
          {...fields.bind('new_password')}
          label={t('New password')}
          autoComplete="new-password"
          hint={strength(fields.values.new_password)}
        />
        {wait.words !== null && <WaitNotice words={wait.words} />}
        {save.error && <ErrorNote error={save.error} />}
        {done && <Note tone="success">{t('Your password is changed. Other devices are signed out.')}</Note>}
        <Button type="submit" busy={save.busy ? t('Saving …') : undefined}>
          {t('Change password')}
        </Button>
      </form>
    </section>
  );
}
