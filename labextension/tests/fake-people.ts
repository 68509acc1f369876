import type { AccountsApi } from '../src/api/accounts';
import type { PeopleApi } from '../src/api/people';
import type { AuditFilter, AuditRecord, Invitation, Workspace } from '../src/api/types';
import { id, me, workspace } from './fixtures';
import * as people from './people';

/** Accounts in memory. */
export function fakeAccounts(): AccountsApi {
  return {
    me: async () => me,
    updateMe: async change => ({
      ...me,
      workspace_id: change.workspace_id ?? me.workspace_id,
      user: { ...me.user, display_name: change.display_name ?? me.user.display_name }
    }),
    chooseWorkspace: async chosen => ({ ...me, workspace_id: chosen }),
    register: async () => people.signedIn,
    login: async () => people.signedIn,
    refresh: async () => people.signedIn,
    logout: async () => undefined,
    changePassword: async () => undefined,
    resetPassword: async () => undefined,
    deactivate: async () => undefined,
    sessions: async () => people.sessions,
    endSession: async () => undefined,
    tokens: async () => people.tokens,
    createToken: async value => ({
      token: { ...people.tokens[0]!, name: value.name, scope: value.scope ?? 'work' },
      secret: 'dat_Zk3wq0v6yq8x9Qa'
    }),
    revokeToken: async () => undefined,
    users: async () => people.accounts,
    updateUser: async (user, change) => ({ ...people.accounts.find(each => each.id === user)!, ...change }),
    createResetLink: async () => ({ link: '/dataask/reset#Zk3wq0v6yq8x9QaZk3wq0v6', expires_at: '2026-11-13T08:00:00Z' })
  };
}

/** Whether a record passes a filter, as the server decides it. */
export function passes(record: AuditRecord, filter: AuditFilter): boolean {
  const text = `${record.actor_name} ${record.action} ${record.object_name}`.toLowerCase();
  return (
    (filter.actor_id === undefined || record.actor_id === filter.actor_id) &&
    (filter.action === undefined || record.action === filter.action) &&
    (filter.object_kind === undefined || record.object_kind === filter.object_kind) &&
    (filter.result === undefined || record.result === filter.result) &&
    (filter.search === undefined ||
      text.includes(filter.search.toLowerCase()) ||
      filter.search_actions?.split(',').includes(record.action) === true) &&
    (filter.since === undefined || Date.parse(record.at) >= Date.parse(filter.since)) &&
    (filter.until === undefined || Date.parse(record.at) <= Date.parse(filter.until))
  );
}

/** Workspaces, members and their like in memory: what is changed stays changed. */
export function fakePeople(): PeopleApi {
  let workspaces: Workspace[] = [workspace, people.shared()];
  let members = people.members;
  let roles = people.roles;
  let invitations: Invitation[] = people.invitations;
  const roleName = (role: string): string => roles.find(each => each.id === role)?.name ?? role;
  return {
    home: async () => people.home,
    workspaces: async () => workspaces,
    workspace: async wanted => workspaces.find(each => each.id === wanted) ?? people.shared(),
    createWorkspace: async value => {
      const made = { ...people.shared(), id: id(20 + workspaces.length), ...value, members: 1, connections: 0 };
      workspaces = [...workspaces, made];
      return made;
    },
    updateWorkspace: async (old, change) => {
      const changed = { ...old, ...change, version: old.version + 1 };
      workspaces = workspaces.map(each => (each.id === old.id ? changed : each));
      return changed;
    },
    deleteWorkspace: async gone => {
      workspaces = workspaces.filter(each => each.id !== gone.id);
    },
    members: async () => members,
    updateMember: async (_, member, role) => {
      const changed = { ...member, role, role_name: roleName(role), version: member.version + 1 };
      members = members.map(each => (each.user_id === member.user_id ? changed : each));
      return changed;
    },
    removeMember: async (_, user) => {
      members = members.filter(each => each.user_id !== user);
    },
    leaveWorkspace: async () => undefined,
    invitations: async () => invitations,
    createInvitation: async (_, value) => {
      const made: Invitation = {
        ...people.invitations[1]!,
        id: id(600 + invitations.length),
        email: value.email ?? null,
        role: value.role,
        role_name: roleName(value.role),
        max_uses: value.max_uses ?? 1,
        uses: 0,
        mail: value.email === undefined ? 'none' : 'sending'
      };
      invitations = [made, ...invitations];
      return { invitation: made, link: '/dataask/invitation#Zk3wq0v6yq8x9QaZk3wq0v6' };
    },
    sendInvitation: async (_, invitation) => {
      const sent = { ...people.invitations[0]!, id: invitation, mail: 'sending' as const, mail_problem: null };
      invitations = invitations.map(each => (each.id === invitation ? sent : each));
      return sent;
    },
    revokeInvitation: async (_, invitation) => {
      invitations = invitations.map(each => (each.id === invitation ? { ...each, state: 'revoked' } : each));
    },
    previewInvitation: async () => ({
      workspace_name: 'Retail analytics',
      role_name: 'Editor',
      invited_by: 'Jonas Weber',
      email: null,
      expires_at: '2026-11-30T08:00:00Z'
    }),
    acceptInvitation: async () => people.shared('editor'),
    roles: async () => roles,
    createRole: async (_, value) => {
      const made = { ...value, id: id(700 + roles.length), built_in: false, members: 0, version: 1, created_at: workspace.created_at };
      roles = [...roles, made];
      return made;
    },
    updateRole: async (_, role, change) => {
      const changed = { ...role, ...change, version: role.version + 1 };
      roles = roles.map(each => (each.id === role.id ? changed : each));
      return changed;
    },
    deleteRole: async (_, role) => {
      roles = roles.filter(each => each.id !== role.id);
    },
    audit: async (_, filter) => ({ items: people.records.filter(each => passes(each, filter)), next_cursor: null }),
    auditFacets: async (_, filter) => ({
      actors: [...new Map(people.records.map(each => [each.actor_id, { id: each.actor_id, name: each.actor_name }])).values()],
      actions: [...new Set(people.records.map(each => each.action))],
      object_kinds: [...new Set(people.records.map(each => each.object_kind))],
      total: 312,
      matching: people.records.filter(each => passes(each, filter)).length,
      retention_days: 730
    }),
    verifyAudit: async () => people.verification,
    exportAudit: async () => new Blob(['number,at\n'])
  };
}
