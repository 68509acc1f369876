import type { UseQueryResult } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';

import type { Invitation, Member, Permission, Role, Workspace } from '../../api/types';
import { useHost } from '../host';
import { keys } from '../queries';

/** How soon it shows what others changed, and that a mail was sent. */
const OTHERS_MS = 15_000;
const MAIL_MS = 2_000;

export function useSettings(workspace: string): UseQueryResult<Workspace> {
  const { api } = useHost();
  return useQuery({ queryKey: keys.settings(workspace), queryFn: ({ signal }) => api.workspace(workspace, { signal }) });
}

export function useMembers(workspace: string): UseQueryResult<Member[]> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.members(workspace),
    queryFn: ({ signal }) => api.members(workspace, { signal }),
    refetchInterval: OTHERS_MS
  });
}

export function useInvitations(workspace: string): UseQueryResult<Invitation[]> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.invitations(workspace),
    queryFn: ({ signal }) => api.invitations(workspace, { signal }),
    refetchInterval: query => (query.state.data?.some(each => each.mail === 'sending') === true ? MAIL_MS : OTHERS_MS)
  });
}

export function useRoles(workspace: string): UseQueryResult<Role[]> {
  const { api } = useHost();
  return useQuery({ queryKey: keys.roles(workspace), queryFn: ({ signal }) => api.roles(workspace, { signal }) });
}

/** Whether a role holds nothing that you lack: only such roles can you give, change and take. */
export function within(role: Role | undefined, mine: readonly Permission[]): boolean {
  return role !== undefined && role.permissions.every(each => mine.includes(each));
}
