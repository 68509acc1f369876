import { useRef, useState } from 'react';

import type { ApiToken, ApiTokenCreated } from '../../api/types';
import { useHost } from '../../components/host';
import { Button } from '../../components/ui/button';
import { Dialog } from '../../components/ui/dialog';
import { LabelledField } from '../../components/ui/field';
import { ErrorNote } from '../../components/ui/note';
import { t, tn } from '../../i18n';
import { scopeHint, SCOPES, scopeWords } from './scopes';
import { useSave } from './useSave';

const DAYS = [7, 30, 90, 366];
const FOREVER = 'forever';

/** Makes a token. */
export function TokenForm({ close, made }: { close(): void; made(token: ApiTokenCreated): void }): JSX.Element {
  const { api } = useHost();
  const [name, setName] = useState('');
  const [left, setLeft] = useState(false);
  const [scope, setScope] = useState<ApiToken['scope']>('work');
  const [days, setDays] = useState('90');
  const field = useRef<HTMLInputElement>(null);
  const save = useSave();
  const missing = left && name.trim() === '' ? t('Name it after what uses it.') : undefined;
  const submit = (): void => {
    setLeft(true);
    if (name.trim() === '') {
      field.current?.focus();
      return;
    }
    void save.run(async () => {
      made(await api.createToken({ name: name.trim(), scope, days: days === FOREVER ? null : Number(days) }));
      close();
    });
  };
  return (
    <Dialog
      open
      onOpenChange={close}
      title={t('New API token')}
      footer={
        <>
          <span className="da-grow" />
          <Button variant="ghost" onClick={close}>
            {t('Cancel')}
          </Button>
          <Button variant="primary" busy={save.busy ? t('Making it …') : undefined} onClick={submit}>
            {t('Create token')}
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
        <LabelledField label={t('Name')} error={save.error?.field('name') ?? missing}>
          {control => (
            <input
              {...control}
              ref={field}
              value={name}
              maxLength={120}
              autoComplete="off"
              placeholder={t('Nightly report')}
              onChange={event => setName(event.target.value)}
              onBlur={() => name !== '' && setLeft(true)}
            />
          )}
        </LabelledField>
        <LabelledField label={t('Scope')} hint={scopeHint(scope)}>
          {control => (
            <select {...control} value={scope} onChange={event => setScope(event.target.value as ApiToken['scope'])}>
              {SCOPES.map(each => (
                <option key={each} value={each}>
                  {scopeWords(each)}
                </option>
              ))}
            </select>
          )}
        </LabelledField>
        <LabelledField label={t('Good for')}>
          {control => (
            <select {...control} value={days} onChange={event => setDays(event.target.value)}>
              {DAYS.map(each => (
                <option key={each} value={each}>
                  {each === 366 ? t('A year') : tn('%1 day', '%1 days', each)}
                </option>
              ))}
              <option value={FOREVER}>{t('Until it is revoked')}</option>
            </select>
          )}
        </LabelledField>
        {save.error && save.error.fields.length === 0 && <ErrorNote error={save.error} />}
      </form>
    </Dialog>
  );
}
