import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import type { Me } from '../../api/types';
import { useHost } from '../../components/host';
import { keys } from '../../components/queries';
import { Button } from '../../components/ui/button';
import { LabelledField } from '../../components/ui/field';
import { ErrorNote, Note } from '../../components/ui/note';
import { t } from '../../i18n';
import { useSave } from './useSave';

/** The name that others see. */
export function Profile({ me }: { me: Me }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const [name, setName] = useState(me.user.display_name);
  const [left, setLeft] = useState(false);
  const [saved, setSaved] = useState(false);
  const save = useSave();
  useEffect(() => setName(me.user.display_name), [me.user.display_name]);
  const missing = left && name.trim() === '' ? t('Enter your name, as others shall see it.') : undefined;
  return (
    <section aria-labelledby="da-account-profile">
      <h2 id="da-account-profile">{t('Profile')}</h2>
      {me.user.email !== null && <p className="da-muted">{t('You sign in as %1.', me.user.email)}</p>}
      <form
        noValidate
        onSubmit={event => {
          event.preventDefault();
          setLeft(true);
          if (name.trim() !== '') {
            void save.run(async () => {
              client.setQueryData(keys.me, await api.updateMe({ display_name: name.trim() }));
              setSaved(true);
            });
          }
        }}
      >
        <LabelledField label={t('Name')} error={save.error?.field('display_name') ?? missing}>
          {control => (
            <input
              {...control}
              value={name}
              autoComplete="name"
              maxLength={200}
              onBlur={() => setLeft(true)}
              onChange={event => {
                setName(event.target.value);
                setSaved(false);
              }}
            />
          )}
        </LabelledField>
        {save.error && save.error.fields.length === 0 && <ErrorNote error={save.error} />}
        {saved && <Note tone="success">{t('Saved.')}</Note>}
        <Button type="submit" busy={save.busy ? t('Saving …') : undefined}>
          {t('Save name')}
        </Button>
      </form>
    </section>
  );
}
