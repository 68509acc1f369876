import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Permission, Role, Workspace } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { keys } from '../queries';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { LabelledField } from '../ui/field';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { permissionGroups } from './words';

interface RoleFormProps {
  workspace: Workspace;
  /** The role to change; null for a new one. */
  role: Role | null;
  /** Names of the others. */
  taken: string[];
  close(): void;
}

/** A role's name and what it may do. Nobody puts in what they lack. */
export function RoleForm({ workspace, role, taken, close }: RoleFormProps): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(role?.name ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(new Set(role?.permissions ?? ['workspace.read']));
  const [touched, setTouched] = useState(false);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const [stale, setStale] = useState<Role | null>(null);
  const wrongName = nameProblem(name, taken);

  const toggle = (permission: Permission, on: boolean): void => {
    const next = new Set(chosen);
    if (on) {
      next.add(permission);
    } else {
      next.delete(permission);
    }
    setChosen(next);
  };
  const save = async (): Promise<void> => {
    setTouched(true);
    if (wrongName !== null) {
      field.current?.focus();
      return;
    }
    if (chosen.size === 0) {
      return;
    }
    setSaving(true);
    setError(null);
    const value = { name: name.trim(), permissions: [...chosen] };
    try {
      if (role === null) {
        await api.createRole(workspace.id, value);
      } else {
        await api.updateRole(workspace.id, stale ?? role, value);
      }
      announce(t('Role saved'));
      await client.invalidateQueries({ queryKey: keys.roles(workspace.id) });
      void client.invalidateQueries({ queryKey: keys.workspaces });
      close();
    } catch (reason) {
      const problem = asApiError(reason);
      setError(problem);
      if (problem.kind === 'stale-version' && role !== null) {
        const fresh = await api.roles(workspace.id).catch(() => []);
        setStale(fresh.find(each => each.id === role.id) ?? null);
      }
      setSaving(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={close}
      kind="form"
      title={role === null ? t('New role') : t('Change %1', role.name)}
      footer={
        <>
          <span className="da-grow" />
          <Button variant="ghost" onClick={close}>
            {t('Cancel')}
          </Button>
          <Button variant="primary" busy={saving ? t('Saving …') : undefined} onClick={() => void save()}>
            {stale !== null ? t('Save mine over it') : role === null ? t('Create role') : t('Save changes')}
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
        <LabelledField label={t('Name')} error={error?.field('name') ?? (touched ? wrongName : null)}>
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
        {permissionGroups().map(group => (
          <fieldset key={group.label} className="da-checks">
            <legend className="da-label">{group.label}</legend>
            {group.permissions.map(permission => {
              const mine = workspace.permissions.includes(permission.key);
              return (
                <label key={permission.key} className="da-check-row">
                  <input
                    type="checkbox"
                    checked={chosen.has(permission.key)}
                    disabled={!mine}
                    onChange={event => toggle(permission.key, event.target.checked)}
                  />
                  <span>
                    {permission.label}
                    {!mine && <small> {t('You lack this yourself, so you can’t give it.')}</small>}
                  </span>
                </label>
              );
            })}
          </fieldset>
        ))}
        {touched && chosen.size === 0 && (
          <p className="da-hint da-hint--error" role="alert">
            {t('A role needs at least one permission.')}
          </p>
        )}
        {error && error.fields.length === 0 && (
          <>
            <ErrorNote error={error} />
            {stale !== null && (
              <p className="da-hint">
                {t('Theirs has the name %1. Save again to put yours in its place.', stale.name)}
              </p>
            )}
          </>
        )}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function nameProblem(name: string, taken: string[]): string | null {
  const typed = name.trim().toLowerCase();
  if (typed === '') {
    return t('A role needs a name.');
  }
  return taken.some(each => each.toLowerCase() === typed) ? t('There is a role of this name already.') : null;
}
