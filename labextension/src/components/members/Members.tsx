import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Member, Role, Workspace } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys, useMe } from '../queries';
import { aboutRole } from '../roles/words';
import { Confirm } from '../sidebar/Confirm';
import { Avatar } from '../ui/avatar';
import { IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { Menu } from '../ui/menu';
import { ErrorNote } from '../ui/note';
import { useMembers, useRoles, within } from '../workspace/people';

/** Who is in the workspace, and as what. Changes apply at once. */
export function Members({ workspace }: { workspace: Workspace }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const me = useMe();
  const members = useMembers(workspace.id);
  const roles = useRoles(workspace.id);
  const [failed, setFailed] = useState<{ user: string; error: ApiError } | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const error = errorOf(members);
  const key = keys.members(workspace.id);

  const put = (changed: Member): void => {
    client.setQueryData<Member[]>(key, known => known?.map(each => (each.user_id === changed.user_id ? changed : each)));
  };

  const give = async (member: Member, role: Role): Promise<void> => {
    setFailed(null);
    await client.cancelQueries({ queryKey: key });
    put({ ...member, role: role.id, role_name: role.name });
    try {
      put(await api.updateMember(workspace.id, member, role.id));
      announce(t('%1 is %2 now', member.display_name, role.name));
      void client.invalidateQueries({ queryKey: keys.roles(workspace.id) });
      if (member.user_id === me.data?.user.id) {
        void client.invalidateQueries({ queryKey: keys.workspaces });
        void client.invalidateQueries({ queryKey: keys.settings(workspace.id) });
      }
    } catch (reason) {
      put(member);
      setFailed({ user: member.user_id, error: asApiError(reason) });
      void client.invalidateQueries({ queryKey: key });
    }
  };

  if (error && !members.data) {
    return <ErrorNote error={error} retry={() => void members.refetch()} />;
  }
  if (!members.data) {
    return (
      <div className="da-people" role="status" aria-label={t('Loading the members')}>
        <div className="da-skel da-skel--form" />
      </div>
    );
  }
  const owners = members.data.filter(each => each.role === 'owner' && each.active).length;
  const rolesError = errorOf(roles);
  return (
    <div className="da-settings-parts">
      {rolesError && <ErrorNote error={rolesError} retry={() => void roles.refetch()} />}
      <ul className="da-people" aria-label={t('Members')}>
        {members.data.map(member => (
          <li key={member.user_id}>
            <div className="da-person">
              <Avatar id={member.user_id} name={member.display_name} size={32} />
              <div className="da-grow da-person-name">
                <span className="da-trunc">
                  <b>{member.display_name}</b>
                  {member.user_id === me.data?.user.id && <span className="da-muted"> {t('(you)')}</span>}
                  {!member.active && <span className="da-badge">{t('Deactivated')}</span>}
                </span>
                {member.email !== null && <small className="da-trunc">{member.email}</small>}
              </div>
              <RoleChoice
                member={member}
                roles={roles.data ?? []}
                workspace={workspace}
                lastOwner={member.role === 'owner' && owners === 1}
                give={role => void give(member, role)}
              />
              {mayTouch(member, roles.data, workspace) && member.user_id !== me.data?.user.id ? (
                <IconButton
                  icon="x"
                  label={t('Remove %1', member.display_name)}
                  onClick={() => setRemoving(member)}
                />
              ) : (
                <span className="da-person-gap" />
              )}
            </div>
            {member.source === 'group' && (
              <p className="da-hint da-person-note">
                <Icon name="users" />
                {t('A group of JupyterHub gives this role. It is changed there.')}
              </p>
            )}
            {member.role === 'owner' && owners === 1 && members.data.length > 1 && member.source === 'direct' && (
              <p className="da-hint da-person-note">{t('The only owner. To change that, make somebody else an owner first.')}</p>
            )}
            {failed?.user === member.user_id && (
              <div className="da-person-note">
                <ErrorNote error={failed.error} />
              </div>
            )}
          </li>
        ))}
      </ul>
      <p className="da-hint">
        {workspace.permissions.includes('member.edit')
          ? t('Changes apply at once. A changed role counts from the next click on.')
          : t('Your role here is %1. Ask an owner to change roles.', workspace.role_name)}
      </p>
      {removing && (
        <Confirm
          title={t('Remove %1?', removing.display_name)}
          text={t(
            '%1 won’t see this workspace any more. Their conversations stay and nobody else can read them. You can invite them again.',
            removing.display_name
          )}
          action={t('Remove from workspace')}
          busyWords={t('Removing …')}
          keepWords={t('Keep them')}
          close={() => setRemoving(null)}
          confirm={async () => {
            await api.removeMember(workspace.id, removing.user_id);
            client.setQueryData<Member[]>(key, known => known?.filter(each => each.user_id !== removing.user_id));
            announce(t('%1 was removed', removing.display_name));
            await client.invalidateQueries({ queryKey: keys.settings(workspace.id) });
            void client.invalidateQueries({ queryKey: keys.workspaces });
          }}
        />
      )}
    </div>
  );
}

/** Nobody touches a role that holds what they lack, and a group's role is changed in the group. */
function mayTouch(member: Member, roles: Role[] | undefined, workspace: Workspace): boolean {
  const role = roles?.find(each => each.id === member.role);
  return (
    workspace.permissions.includes('member.edit') &&
    !workspace.personal &&
    member.source === 'direct' &&
    within(role, workspace.permissions)
  );
}

function RoleChoice({
  member,
  roles,
  workspace,
  lastOwner,
  give
}: {
  member: Member;
  roles: Role[];
  workspace: Workspace;
  lastOwner: boolean;
  give(role: Role): void;
}): JSX.Element {
  if (!mayTouch(member, roles, workspace) || lastOwner) {
    return (
      <span className="da-person-role da-muted">{member.role_name}</span>
    );
  }
  return (
    <Menu
      label={t('Role of %1', member.display_name)}
      align="end"
      trigger={
        <button
          type="button"
          className="da-btn da-btn--ghost da-person-role"
          aria-label={t('%1, role of %2', member.role_name, member.display_name)}
        >
          <span className="da-trunc">{member.role_name}</span>
          <Icon name="chevron-down" />
        </button>
      }
      items={roles
        .filter(each => within(each, workspace.permissions))
        .map(role => ({
          key: role.id,
          label: role.name,
          detail: role.built_in ? aboutRole(role.id) : t('A role of this workspace'),
          checked: role.id === member.role,
          onSelect: () => role.id !== member.role && give(role)
        }))}
    />
  );
}
