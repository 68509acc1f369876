import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Workspace, WorkspaceUpdate } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { keys } from '../queries';
import { Button } from '../ui/button';
import { LabelledField } from '../ui/field';
import { useAnnounce } from '../ui/live';
import { ErrorNote, Note } from '../ui/note';
import { Ending } from './Ending';
import { keptFor } from './kept';
import { zones } from './zones';

const DAYS = [30, 90, 180, 365, 730, 1_095, 1_825, 3_650];

interface Draft {
  name: string;
  zone: string;
  days: number | null;
}

function draftOf(workspace: Workspace): Draft {
  return { name: workspace.name, zone: workspace.time_zone, days: workspace.audit_days };
}

function changeOf(draft: Draft, workspace: Workspace): WorkspaceUpdate {
  return {
    ...(draft.name.trim() === workspace.name ? {} : { name: draft.name.trim() }),
    ...(draft.zone === workspace.time_zone ? {} : { time_zone: draft.zone }),
    ...(draft.days === workspace.audit_days ? {} : { audit_days: draft.days })
  };
}

/** Name, time zone, how long the audit log is kept, and the ways out. */
export function General({
  workspace,
  onGone
}: {
  workspace: Workspace;
  onGone?: (() => void) | undefined;
}): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const field = useRef<HTMLInputElement>(null);
  // What the form began with: a newer version of somebody else must not slip under what is typed here.
  const [base, setBase] = useState(workspace);
  const [draft, setDraft] = useState(() => draftOf(workspace));
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [newer, setNewer] = useState<{ by: string | null; workspace: Workspace } | null>(null);
  const may = workspace.permissions.includes('workspace.edit');
  const change = changeOf(draft, base);
  const dirty = Object.keys(change).length > 0;
  const all = useMemo(() => zones(base.time_zone), [base.time_zone]);
  const days = [...new Set([...DAYS, ...(base.audit_days === null ? [] : [base.audit_days])])].sort((a, b) => a - b);

  useEffect(() => {
    if (!dirty && workspace.version !== base.version) {
      setBase(workspace);
      setDraft(draftOf(workspace));
    }
  }, [base.version, dirty, workspace]);

  const saved = (next: Workspace): void => {
    setBase(next);
    setDraft(draftOf(next));
    setNewer(null);
    client.setQueryData(keys.settings(next.id), next);
    void client.invalidateQueries({ queryKey: keys.workspaces });
    announce(t('Settings saved'));
  };
  const save = async (onto: Workspace): Promise<void> => {
    if (draft.name.trim() === '') {
      field.current?.focus();
      return;
    }
    setSaving(true);
    setError(null);
    try {
      saved(await api.updateWorkspace(onto, change));
    } catch (reason) {
      const problem = asApiError(reason);
      if (problem.kind === 'stale-version') {
        try {
          setNewer({ workspace: await api.workspace(onto.id), by: await whoSaved(onto) });
        } catch (again) {
          setError(asApiError(again));
        }
      } else {
        setError(problem);
      }
    } finally {
      setSaving(false);
    }
  };
  const whoSaved = async (onto: Workspace): Promise<string | null> => {
    if (!onto.permissions.includes('audit.read')) {
      return null;
    }
    const page = await api.audit(onto.id, { action: 'workspace.update', result: 'allowed' }, { limit: 1 });
    return page.items[0]?.actor_name ?? null;
  };

  return (
    <div className="da-settings-parts">
      <form
        className="da-settings-form"
        onSubmit={event => {
          event.preventDefault();
          void save(base);
        }}
      >
        {!may && (
          <Note tone="plain">
            {t('Your role here is %1. Ask an owner to change these settings.', workspace.role_name)}
          </Note>
        )}
        <LabelledField
          label={t('Name')}
          error={draft.name.trim() === '' ? t('A workspace needs a name.') : error?.field('name')}
        >
          {control => (
            <input
              {...control}
              ref={field}
              value={draft.name}
              maxLength={120}
              readOnly={!may}
              autoComplete="off"
              onChange={event => setDraft({ ...draft, name: event.target.value })}
            />
          )}
        </LabelledField>
        <LabelledField
          label={t('Time zone')}
          hint={t('Days and months begin here, for everyone in the workspace.')}
          error={error?.field('time_zone')}
        >
          {control => (
            <select
              {...control}
              value={draft.zone}
              disabled={!may}
              onChange={event => setDraft({ ...draft, zone: event.target.value })}
            >
              {all.map(each => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
        </LabelledField>
        <LabelledField
          label={t('Keep audit records')}
          hint={t('Older records are removed for good, and the log says so.')}
          error={error?.field('audit_days')}
        >
          {control => (
            <select
              {...control}
              value={draft.days ?? ''}
              disabled={!may}
              onChange={event =>
                setDraft({ ...draft, days: event.target.value === '' ? null : Number(event.target.value) })
              }
            >
              {days.map(each => (
                <option key={each} value={each}>
                  {keptFor(each)}
                </option>
              ))}
              <option value="">{keptFor(null)}</option>
            </select>
          )}
        </LabelledField>
        {newer && (
          <Note
            tone="warn"
            title={t('%1 saved a newer version', newer.by ?? t('Somebody'))}
            action={
              <span className="da-row da-wrap">
                <Button small onClick={() => saved(newer.workspace)}>
                  {t('Take theirs')}
                </Button>
                <Button small onClick={() => void save(newer.workspace)}>
                  {t('Save mine over it')}
                </Button>
              </span>
            }
          >
            {t('Theirs: %1.', [newer.workspace.name, newer.workspace.time_zone, keptFor(newer.workspace.audit_days)].join(', '))}{' '}
            {t('Yours is still in the form and not saved.')}
          </Note>
        )}
        {error && error.fields.length === 0 && <ErrorNote error={error} />}
        {may && (
          <div className="da-row">
            <Button
              variant="primary"
              type="submit"
              disabled={saving || !dirty || newer !== null}
              busy={saving ? t('Saving …') : undefined}
            >
              {t('Save changes')}
            </Button>
            {dirty ? (
              <Button variant="ghost" onClick={() => setDraft(draftOf(base))}>
                {t('Discard')}
              </Button>
            ) : (
              <span className="da-hint">{t('All changes saved')}</span>
            )}
          </div>
        )}
      </form>
      <Ending workspace={workspace} onGone={onGone} />
    </div>
  );
}
