import type { UseQueryResult } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';

import type { ApiError } from '../api/problems';
import { asApiError } from '../api/problems';
import type {
  Catalog,
  Connection,
  ConnectionKind,
  Conversation,
  ConversationDetail,
  Me,
  Permission,
  Suggestion,
  Workspace
} from '../api/types';
import { useHost } from './host';

/** Where each value stands in the cache. Everything below a workspace starts with its id. */
export const keys = {
  me: ['me'],
  workspaces: ['workspaces'],
  kinds: ['connection-kinds'],
  connections: (workspace: string) => [workspace, 'connections'],
  catalog: (workspace: string, connection: string) => [workspace, 'catalog', connection],
  conversations: (workspace: string) => [workspace, 'conversations'],
  conversation: (workspace: string, id: string) => [workspace, 'conversation', id],
  settings: (workspace: string) => [workspace, 'settings'],
  members: (workspace: string) => [workspace, 'members'],
  invitations: (workspace: string) => [workspace, 'invitations'],
  roles: (workspace: string) => [workspace, 'roles'],
  auditFacets: (workspace: string | null) => [workspace, 'audit-facets'],
  auditCheck: (workspace: string | null) => [workspace, 'audit-check'],
  suggestions: (workspace: string, connection: string, prefix: string) => [workspace, 'suggestions', connection, prefix]
};

/** The error of a query as one that can be shown. */
export function errorOf(result: { error: unknown }): ApiError | null {
  return result.error === null || result.error === undefined ? null : asApiError(result.error);
}

export function useMe(): UseQueryResult<Me> {
  const { api } = useHost();
  return useQuery({ queryKey: keys.me, queryFn: ({ signal }) => api.me({ signal }), staleTime: 60_000 });
}

/** How soon a changed role shows by itself. */
const ROLES_MS = 15_000;

export function useWorkspaces(): UseQueryResult<Workspace[]> {
  const { api, surface } = useHost();
  return useQuery({
    queryKey: keys.workspaces,
    queryFn: ({ signal }) => api.workspaces({ signal }),
    refetchOnWindowFocus: true,
    // A notebook's calls go through its kernel, which has other work.
    refetchInterval: surface === 'notebook' ? false : ROLES_MS
  });
}

/** A workspace as its member sees it; undefined until it is known, or when it is none of theirs. */
export function useWorkspace(workspaceId: string | undefined): Workspace | undefined {
  return useWorkspaces().data?.find(each => each.id === workspaceId);
}

/** Whether you may ask questions: a question makes a conversation and runs a query. */
export function useMayAsk(workspaceId: string | undefined): boolean {
  const edit = useMay('conversation.edit', workspaceId);
  const run = useMay('query.run', workspaceId);
  return edit && run;
}

/** Whether you may do this in the workspace. What isn't known yet isn't offered. */
export function useMay(permission: Permission, workspaceId: string | undefined): boolean {
  return useWorkspace(workspaceId)?.permissions.includes(permission) === true;
}

export function useConnectionKinds(enabled: boolean): UseQueryResult<ConnectionKind[]> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.kinds,
    queryFn: ({ signal }) => api.connectionKinds({ signal }),
    staleTime: Infinity,
    enabled
  });
}

export function useConnections(workspace: string | undefined): UseQueryResult<Connection[]> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.connections(workspace ?? ''),
    queryFn: ({ signal }) => api.connections(workspace ?? '', { signal }),
    enabled: workspace !== undefined
  });
}

export function useConversations(workspace: string | undefined): UseQueryResult<Conversation[]> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.conversations(workspace ?? ''),
    queryFn: ({ signal }) => api.conversations(workspace ?? '', { signal }),
    enabled: workspace !== undefined
  });
}

export function useConversation(workspace: string, id: string | null): UseQueryResult<ConversationDetail> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.conversation(workspace, id ?? ''),
    queryFn: ({ signal }) => api.conversation(workspace, id ?? '', { signal }),
    enabled: id !== null,
    staleTime: Infinity
  });
}

export function useCatalog(workspace: string, connection: string, enabled: boolean): UseQueryResult<Catalog> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.catalog(workspace, connection),
    queryFn: ({ signal }) => api.catalog(workspace, connection, false, { signal }),
    staleTime: 60_000,
    enabled
  });
}

export function useSuggestions(
  workspace: string,
  connection: string | null,
  prefix: string,
  enabled: boolean
): UseQueryResult<Suggestion[]> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.suggestions(workspace, connection ?? '', prefix),
    queryFn: ({ signal }) =>
      api.suggestions(
        workspace,
        { connection_id: connection ?? undefined, prefix: prefix === '' ? undefined : prefix },
        { signal }
      ),
    staleTime: 30_000,
    enabled
  });
}
