import type {
  Account,
  ApiToken,
  AuditRecord,
  AuditVerification,
  Home,
  Invitation,
  Member,
  Permission,
  Role,
  Session,
  SignedIn,
  Workspace
} from '../src/api/types';
import { id, me, PERMISSIONS, workspace, WS } from './fixtures';

const TIME = '2026-11-12T08:00:00Z';
const VIEWER = PERMISSIONS.filter(each => each.endsWith('.read') && each !== 'audit.read');
const EDITOR: Permission[] = [...VIEWER, 'query.run', 'conversation.edit'];

/** The second workspace: shared, where the user has the role given. */
export function shared(role: Workspace['role'] = 'owner'): Workspace {
  const found = roles.find(each => each.id === role);
  return {
    ...workspace,
    id: id(2),
    name: 'Retail analytics',
    personal: false,
    role,
    role_name: found?.name ?? role,
    permissions: [...(found?.permissions ?? [])],
    time_zone: 'Europe/Berlin',
    members: 5,
    faces: members.slice(0, 4).map(each => ({ id: each.user_id, display_name: each.display_name }))
  };
}

function role(name: string, permissions: readonly Permission[], count: number): Role {
  const built = { id: name.toLowerCase(), name, built_in: true, permissions: [...permissions], members: count };
  return { ...built, version: 1, created_at: null };
}

export const roles: Role[] = [
  role('Owner', PERMISSIONS, 1),
  role('Admin', PERMISSIONS.filter(each => each !== 'workspace.delete'), 1),
  role('Editor', EDITOR, 1),
  role('Viewer', VIEWER, 1),
  {
    id: id(40),
    name: 'Curator',
    built_in: false,
    permissions: [...EDITOR, 'connection.edit', 'connection.test'],
    members: 1,
    version: 3,
    created_at: TIME
  }
];

function member(number: number, name: string, role: Role | undefined, change: Partial<Member> = {}): Member {
  const email = `${name.toLowerCase().replace(/\s+/g, '.')}@aurora-outdoor.example`;
  const base = { user_id: id(number), display_name: name, email, role: role?.id ?? 'viewer', role_name: role?.name ?? 'Viewer' };
  return { ...base, source: 'direct', active: true, version: 2, created_at: TIME, ...change };
}

export const members: Member[] = [
  member(9, me.user.display_name, roles[0]),
  member(10, 'Jonas Weber', roles[1]),
  member(11, 'Priya Raman', roles[2]),
  member(12, 'Tom Okafor', roles[4], { source: 'group' }),
  member(13, 'Lea Brandt', roles[3], { active: false })
];

function invitation(number: number, change: Partial<Invitation>): Invitation {
  return {
    id: id(number),
    email: null,
    role: 'viewer',
    role_name: 'Viewer',
    max_uses: 1,
    uses: 0,
    state: 'open',
    mail: 'none',
    mail_problem: null,
    created_by: me.user.display_name,
    created_at: TIME,
    expires_at: '2026-11-30T08:00:00Z',
    ...change
  };
}

export const invitations: Invitation[] = [
  invitation(60, {
    email: 's.novak@partner.example',
    mail: 'failed',
    mail_problem: 'mail.partner.example refused the address s.novak@partner.example.'
  }),
  invitation(61, { role: 'editor', role_name: 'Editor', max_uses: 10, uses: 3 }),
  invitation(62, { email: 'lea.brandt@aurora-outdoor.example', mail: 'sent', uses: 1, state: 'used' })
];

const HASH = 'a91f03cc5b1d77e04c9a2fd6b8e1350f6d2c48a17be90f5312ce6a4478d97be2';

export function record(number: number, action: string, change: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: id(10_000 + number),
    number,
    at: new Date(Date.parse('2026-11-12T08:46:12Z') - (312 - number) * 97_000).toISOString(),
    actor_id: id(9),
    actor_name: me.user.display_name,
    via: 'account',
    action,
    object_kind: action.split('.')[0] ?? '',
    object_id: id(3),
    object_name: '',
    result: 'allowed',
    payload: {},
    address: '10.2.14.8',
    agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0',
    request_id: '7f0e2b4c9d1a4f5f8a6b3c2d1e0f9a8b',
    hash: HASH,
    previous_hash: `5c0e88d1${HASH.slice(8, 60)}11fa`,
    ...change
  };
}

const jonas = { actor_id: id(10), actor_name: 'Jonas Weber', address: '10.2.14.31' };
const priya = { actor_id: id(11), actor_name: 'Priya Raman', address: '10.2.14.22' };

export const records: AuditRecord[] = [
  record(312, 'member.update', {
    object_kind: 'member',
    object_name: 'Priya Raman',
    payload: { changes: { role: ['viewer', 'editor'] } }
  }),
  record(311, 'workspace.update', {
    ...jonas,
    object_name: 'Retail analytics',
    payload: { changes: { audit_days: [null, 730], name: ['Retail', 'Retail analytics'] } }
  }),
  record(310, 'query.run', { ...priya, object_kind: 'connection', object_name: 'shop_prod', payload: { rows: 1204 } }),
  record(309, 'connection.update', { ...priya, object_name: 'shop_prod', result: 'refused', payload: { role: 'Editor' } }),
  record(308, 'message.ask', { object_kind: 'conversation', object_name: 'Net revenue this year' }),
  record(307, 'invitation.create', { object_name: 's.novak@partner.example', payload: { role: 'Viewer' } }),
  record(306, 'audit.purge', { actor_id: null, actor_name: 'dataask', via: 'none', address: null, agent: null, payload: { records: 40 } }),
  record(305, 'connection.create', { object_name: '<img src=x onerror=alert(1)>' }),
  record(304, 'workspace.create', { object_name: 'Retail analytics' })
];

export const verification: AuditVerification = {
  intact: true,
  records: 312,
  first_bad: null,
  detail: 'All 312 records fit.',
  head: HASH,
  at: '2026-11-12T08:45:00Z'
};

export const signedIn: SignedIn = { user: me.user, access_token: null, refresh_token: null, expires_in: 900 };

export const sessions: Session[] = [
  { id: id(70), current: true, agent: 'Firefox 152, Linux', address: '10.2.14.8', created_at: TIME, last_used_at: TIME },
  { id: id(71), current: false, agent: 'Safari, iPhone', address: '84.16.201.7', created_at: TIME, last_used_at: TIME }
];

export const tokens: ApiToken[] = [
  { id: id(80), name: 'Nightly report', scope: 'work', hint: 'x9Qa', created_at: TIME, expires_at: null, last_used_at: null }
];

export const accounts: Account[] = members.map(each => ({
  id: each.user_id,
  display_name: each.display_name,
  email: each.email,
  active: each.active,
  is_admin: false,
  created_at: TIME,
  last_seen_at: TIME
}));

export const home: Home = {
  workspaces: [workspace, shared()],
  recent: [
    { kind: 'conversation', id: id(300), name: 'Flights per month', workspace_id: WS, workspace_name: workspace.name, at: TIME },
    { kind: 'query', id: id(301), name: 'Refund rate', workspace_id: id(2), workspace_name: 'Retail analytics', at: TIME }
  ],
  activity: [
    {
      id: id(90),
      actor: { id: id(10), display_name: 'Jonas Weber' },
      action: 'connection.create',
      object_kind: 'connection',
      object_id: id(101),
      object_name: 'shop_prod',
      workspace_id: id(2),
      workspace_name: 'Retail analytics',
      at: TIME
    }
  ]
};
