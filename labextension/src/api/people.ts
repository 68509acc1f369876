import { AccountsClient } from './accounts';
import type { CallOptions } from './client';
import { part, version } from './client';
import type {
  AuditFacets,
  AuditFilter,
  AuditFormat,
  AuditRecord,
  AuditVerification,
  Home,
  Invitation,
  InvitationCreate,
  InvitationCreated,
  InvitationPreview,
  Member,
  Page,
  Role,
  RoleCreate,
  RoleUpdate,
  Workspace,
  WorkspaceCreate,
  WorkspaceUpdate
} from './types';

/** Which page of a list. */
export interface PageOptions extends CallOptions {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** Workspaces, and who may do and did what in them. */
export interface PeopleApi {
  home(options?: CallOptions): Promise<Home>;
  workspaces(options?: CallOptions): Promise<Workspace[]>;
  workspace(workspace: string, options?: CallOptions): Promise<Workspace>;
  /** Makes a workspace and switches to it. */
  createWorkspace(value: WorkspaceCreate): Promise<Workspace>;
  updateWorkspace(workspace: Workspace, change: WorkspaceUpdate): Promise<Workspace>;
  /** Deletes all that is in it; `name` is what the user typed. */
  deleteWorkspace(workspace: Workspace, name: string): Promise<void>;

  members(workspace: string, options?: CallOptions): Promise<Member[]>;
  updateMember(workspace: string, member: Member, role: string): Promise<Member>;
  removeMember(workspace: string, user: string): Promise<void>;
  leaveWorkspace(workspace: string): Promise<void>;

  invitations(workspace: string, options?: CallOptions): Promise<Invitation[]>;
  createInvitation(workspace: string, value: InvitationCreate): Promise<InvitationCreated>;
  /** Sends the mail of an invitation again, with a new link. */
  sendInvitation(workspace: string, invitation: string): Promise<Invitation>;
  revokeInvitation(workspace: string, invitation: string): Promise<void>;
  previewInvitation(token: string): Promise<InvitationPreview>;
  /** Joins the workspace and switches to it. */
  acceptInvitation(token: string): Promise<Workspace>;

  roles(workspace: string, options?: CallOptions): Promise<Role[]>;
  createRole(workspace: string, value: RoleCreate): Promise<Role>;
  updateRole(workspace: string, role: Role, change: RoleUpdate): Promise<Role>;
  deleteRole(workspace: string, role: Role): Promise<void>;

  /** Audit records of a workspace; of the server itself for null, to its administrators. */
  audit(workspace: string | null, filter: AuditFilter, options?: PageOptions): Promise<Page<AuditRecord>>;
  /** What can be filtered by, and how many records pass the filter. */
  auditFacets(workspace: string | null, filter: AuditFilter, options?: CallOptions): Promise<AuditFacets>;
  verifyAudit(workspace: string | null): Promise<AuditVerification>;
  /** The records as a file: a program reads JSON lines, a spreadsheet CSV. */
  exportAudit(workspace: string | null, filter: AuditFilter, format: AuditFormat, options?: CallOptions): Promise<Blob>;
}

export abstract class PeopleClient extends AccountsClient implements PeopleApi {
  home(options?: CallOptions): Promise<Home> {
    return this.send('GET', 'home', { signal: options?.signal });
  }

  workspaces(options?: CallOptions): Promise<Workspace[]> {
    return this.list('workspaces', options);
  }

  workspace(workspace: string, options?: CallOptions): Promise<Workspace> {
    return this.send('GET', below(workspace), { signal: options?.signal });
  }

  createWorkspace(value: WorkspaceCreate): Promise<Workspace> {
    return this.send('POST', 'workspaces', { body: value });
  }

  updateWorkspace(workspace: Workspace, change: WorkspaceUpdate): Promise<Workspace> {
    return this.send('PATCH', below(workspace.id), { body: change, headers: version(workspace) });
  }

  async deleteWorkspace(workspace: Workspace, name: string): Promise<void> {
    await this.send('DELETE', below(workspace.id), { query: { name }, headers: version(workspace) });
  }

  members(workspace: string, options?: CallOptions): Promise<Member[]> {
    return this.list(below(workspace, 'members'), options);
  }

  updateMember(workspace: string, member: Member, role: string): Promise<Member> {
    const path = below(workspace, 'members', member.user_id);
    return this.send('PATCH', path, { body: { role }, headers: version(member) });
  }

  async removeMember(workspace: string, user: string): Promise<void> {
    await this.send('DELETE', below(workspace, 'members', user));
  }

  async leaveWorkspace(workspace: string): Promise<void> {
    await this.send('POST', below(workspace, 'leave'));
  }

  invitations(workspace: string, options?: CallOptions): Promise<Invitation[]> {
    return this.list(below(workspace, 'invitations'), options);
  }

  createInvitation(workspace: string, value: InvitationCreate): Promise<InvitationCreated> {
    return this.send('POST', below(workspace, 'invitations'), { body: value });
  }

  sendInvitation(workspace: string, invitation: string): Promise<Invitation> {
    return this.send('POST', below(workspace, 'invitations', invitation, 'send'));
  }

  async revokeInvitation(workspace: string, invitation: string): Promise<void> {
    await this.send('DELETE', below(workspace, 'invitations', invitation));
  }

  previewInvitation(token: string): Promise<InvitationPreview> {
    return this.send('POST', 'invitations/preview', { body: { token } });
  }

  acceptInvitation(token: string): Promise<Workspace> {
    return this.send('POST', 'invitations/accept', { body: { token } });
  }

  roles(workspace: string, options?: CallOptions): Promise<Role[]> {
    return this.list(below(workspace, 'roles'), options);
  }

  createRole(workspace: string, value: RoleCreate): Promise<Role> {
    return this.send('POST', below(workspace, 'roles'), { body: value });
  }

  updateRole(workspace: string, role: Role, change: RoleUpdate): Promise<Role> {
    return this.send('PATCH', below(workspace, 'roles', role.id), { body: change, headers: version(role) });
  }

  async deleteRole(workspace: string, role: Role): Promise<void> {
    await this.send('DELETE', below(workspace, 'roles', role.id), { headers: version(role) });
  }

  audit(workspace: string | null, filter: AuditFilter, options?: PageOptions): Promise<Page<AuditRecord>> {
    return this.records(logOf(workspace), filter, options);
  }

  auditFacets(workspace: string | null, filter: AuditFilter, options?: CallOptions): Promise<AuditFacets> {
    return this.send('GET', logOf(workspace, 'facets'), { query: { ...filter }, signal: options?.signal });
  }

  verifyAudit(workspace: string | null): Promise<AuditVerification> {
    return this.send('POST', logOf(workspace, 'verify'));
  }

  exportAudit(
    workspace: string | null,
    filter: AuditFilter,
    format: AuditFormat,
    options?: CallOptions
  ): Promise<Blob> {
    const query = { ...filter, format };
    return this.send('GET', logOf(workspace, 'export'), { query, file: true, signal: options?.signal });
  }

  private records(path: string, filter: AuditFilter, options?: PageOptions): Promise<Page<AuditRecord>> {
    const query = { ...filter, cursor: options?.cursor, limit: options?.limit };
    return this.send('GET', path, { query, signal: options?.signal });
  }
}

function below(workspace: string, ...parts: string[]): string {
  return ['workspaces', workspace, ...parts].map(part).join('/');
}

function logOf(workspace: string | null, ...parts: string[]): string {
  return workspace === null ? ['audit', ...parts].join('/') : below(workspace, 'audit', ...parts);
}
