import { useQueryClient } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { useMemo, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Me, Workspace } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { keys } from '../queries';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { LabelledField } from '../ui/field';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { ownZone, zones } from './zones';

interface NewWorkspaceProps {
  close(): void;
  /** After it was made; the server has switched to it. */
  made?: ((workspace: Workspace) => void) | undefined;
  returnTo?: RefObject<HTMLElement> | undefined;
}

/** Makes a workspace and switches to it. */
export function NewWorkspace({ close, made, returnTo }: NewWorkspaceProps): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [zone, setZone] = useState(ownZone);
  const [touched, setTouched] = useState(false);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const all = useMemo(() => zones(ownZone()), []);
  const missing = touched && name.trim() === '' ? t('A workspace needs a name.') : undefined;

  const save = async (): Promise<void> => {
    setTouched(true);
    if (name.trim() === '') {
      field.current?.focus();
      return;
    }
    setSaving(true);
    setError(null);
    try {
      const workspace = await api.createWorkspace({ name: name.trim(), time_zone: zone });
      client.setQueryData<Workspace[]>(keys.workspaces, known => known && [...known, workspace]);
      client.setQueryData<Me>(keys.me, known => known && { ...known, workspace_id: workspace.id });
      void client.invalidateQueries({ queryKey: keys.workspaces });
      announce(t('You are in %1 now', workspace.name));
      made?.(workspace);
      close();
    } catch (reason) {
      setError(asApiError(reason));
      setSaving(false);
    }
  };

  return (
    <Dialog
      open
      onOpenChange={close}
      returnTo={returnTo}
      title={t('New workspace')}
      footer={
        <>
          <span className="da-grow" />
          <Button variant="ghost" onClick={close}>
            {t('Cancel')}
          </Button>
          <Button variant="primary" busy={saving ? t('Making it …') : undefined} onClick={() => void save()}>
            {t('Create workspace')}
          </Button>
        </>
      }
    >
      <form
        className="da-form-grid"
        onSubmit={event => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="da-muted">{t('Connections and conversations live in a workspace. You choose later who joins it.')}</p>
        <LabelledField label={t('Name')} error={error?.field('name') ?? missing}>
          {control => (
            <input
              {...control}
              ref={field}
              value={name}
              maxLength={120}
              autoComplete="off"
              onChange={event => setName(event.target.value)}
              onBlur={() => name !== '' && setTouched(true)}
            />
          )}
        </LabelledField>
        <LabelledField
          label={t('Time zone')}
          hint={t('Days and months begin here, for everyone in the workspace.')}
          error={error?.field('time_zone')}
        >
          {control => (
            <select {...control} value={zone} onChange={event => setZone(event.target.value)}>
              {all.map(each => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
        </LabelledField>
        {error && error.fields.length === 0 && <ErrorNote error={error} />}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
