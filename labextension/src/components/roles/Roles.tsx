import { useQueryClient } from '@tanstack/react-query';
import { Fragment, useState } from 'react';

import type { Role, Workspace } from '../../api/types';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys } from '../queries';
import { Confirm } from '../sidebar/Confirm';
import { Button, IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { useRoles, within } from '../workspace/people';
import { RoleForm } from './RoleForm';
import { aboutRole, permissionGroups } from './words';

/** What each role may do, and the roles that this workspace made. */
export function Roles({ workspace }: { workspace: Workspace }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const roles = useRoles(workspace.id);
  const [editing, setEditing] = useState<Role | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Role | null>(null);
  const error = errorOf(roles);
  if (error && !roles.data) {
    return <ErrorNote error={error} retry={() => void roles.refetch()} />;
  }
  if (!roles.data) {
    return <div className="da-skel da-skel--form" role="status" aria-label={t('Loading the roles')} />;
  }
  const all = roles.data;
  const own = all.filter(each => !each.built_in);
  const mayEdit = workspace.permissions.includes('role.edit');
  return (
    <div className="da-settings-parts">
      <section className="da-part" aria-label={t('Roles of this workspace')}>
        <div className="da-row">
          <h2 className="da-grow">{t('Roles of this workspace')}</h2>
          {mayEdit && (
            <Button small icon="plus" onClick={() => setEditing('new')}>
              {t('New role')}
            </Button>
          )}
        </div>
        {own.length === 0 && <p className="da-hint">{t('The four built-in roles below are all there are.')}</p>}
        <ul className="da-people">
          {own.map(role => (
            <li key={role.id}>
              <div className="da-person">
                <div className="da-grow da-person-name">
                  <span className="da-trunc">
                    <b>{role.name}</b>
                  </span>
                  <small>
                    {tn('%1 permission', '%1 permissions', role.permissions.length)} ·{' '}
                    {tn('%1 member', '%1 members', role.members)}
                  </small>
                </div>
                {mayEdit && within(role, workspace.permissions) && (
                  <>
                    <IconButton icon="pencil" label={t('Change the role %1', role.name)} onClick={() => setEditing(role)} />
                    <IconButton icon="trash-2" label={t('Delete the role %1', role.name)} onClick={() => setDeleting(role)} />
                  </>
                )}
              </div>
            </li>
          ))}
        </ul>
      </section>
      <section className="da-part" aria-label={t('What each role may do')}>
        <h2>{t('What each role may do')}</h2>
        <div className="da-matrix-scroll" tabIndex={0} role="group" aria-label={t('What each role may do')}>
          <Matrix roles={all} />
        </div>
      </section>
      {editing !== null && (
        <RoleForm
          workspace={workspace}
          role={editing === 'new' ? null : editing}
          close={() => setEditing(null)}
          taken={all.filter(each => editing === 'new' || each.id !== editing.id).map(each => each.name)}
        />
      )}
      {deleting && (
        <Confirm
          title={t('Delete the role “%1”?', deleting.name)}
          text={
            deleting.members === 0
              ? t('Nobody has it. It can’t be undone.')
              : tn(
                  'One member has it. Give them another role first, then delete it.',
                  '%1 members have it. Give them another role first, then delete it.',
                  deleting.members
                )
          }
          action={t('Delete role')}
          close={() => setDeleting(null)}
          confirm={async () => {
            await api.deleteRole(workspace.id, deleting);
            await client.invalidateQueries({ queryKey: keys.roles(workspace.id) });
            announce(t('Role deleted'));
          }}
        />
      )}
    </div>
  );
}

function Matrix({ roles }: { roles: Role[] }): JSX.Element {
  return (
    <table className="da-table da-matrix">
      <thead>
        <tr>
          <th scope="col">
            <span className="da-sr">{t('Permission')}</span>
          </th>
          {roles.map(role => (
            <th key={role.id} scope="col" title={role.built_in ? aboutRole(role.id) : undefined}>
              {role.name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {permissionGroups().map(group => (
          <Fragment key={group.label}>
            <tr className="da-matrix-group">
              <th scope="rowgroup" colSpan={roles.length + 1}>
                {group.label}
              </th>
            </tr>
            {group.permissions.map(permission => (
              <tr key={permission.key}>
                <th scope="row">{permission.label}</th>
                {roles.map(role => (
                  <td key={role.id}>
                    {role.permissions.includes(permission.key) ? (
                      <Icon name="check" label={t('Yes')} />
                    ) : (
                      <span className="da-muted">
                        <span aria-hidden="true">–</span>
                        <span className="da-sr">{t('No')}</span>
                      </span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
