import type { AuditRecord } from '../../api/types';
import { t } from '../../i18n';
import { keptFor } from '../workspace/kept';

/** Acts in words. Called late: words need the translator. */
function acts(): Record<string, string> {
  return {
    'audit.export': t('Exported the audit log'),
    'audit.purge': t('Removed old records'),
    'audit.verify': t('Checked the audit log'),
    'connection.create': t('Made a connection'),
    'connection.delete': t('Deleted connection'),
    'connection.sample': t('Looked at a table'),
    'connection.test': t('Tested connection'),
    'connection.update': t('Changed connection'),
    'conversation.create': t('Began a conversation'),
    'conversation.delete': t('Deleted conversation'),
    'conversation.update': t('Changed conversation'),
    'invitation.accept': t('Accepted an invitation'),
    'invitation.create': t('Invited'),
    'invitation.mail': t('Sent the e-mail'),
    'invitation.revoke': t('Ended invitation'),
    'invitation.send': t('Invited again'),
    'key.rotate': t('Changed the key of secrets'),
    'member.add': t('Joined'),
    'member.leave': t('Left the workspace'),
    'member.remove': t('Removed member'),
    'member.update': t('Changed role'),
    'message.ask': t('Asked a question'),
    'message.chart': t('Chose a chart'),
    'message.feedback': t('Rated an answer'),
    'message.stop': t('Stopped an answer'),
    'session.end': t('Signed out a device'),
    'session.reuse': t('Used a stolen sign-in'),
    'upload.create': t('Uploaded a file'),
    'upload.delete': t('Deleted an upload'),
    'upload.preview': t('Read an upload in another way'),
    'user.password': t('Changed password'),
    'query.cancel': t('Stopped a query'),
    'query.export': t('Exported rows'),
    'query.run': t('Ran query'),
    'role.create': t('Made a role'),
    'role.delete': t('Deleted role'),
    'role.update': t('Changed what a role may do'),
    'session.create': t('Signed in'),
    'token.create': t('Made an API token'),
    'token.revoke': t('Revoked an API token'),
    'user.create': t('Made an account'),
    'user.update': t('Changed account'),
    'workspace.create': t('Made the workspace'),
    'workspace.delete': t('Deleted the workspace'),
    'workspace.update': t('Changed settings')
  };
}

/** What was refused: the permission that was missing, or the act. */
function tries(): Record<string, string> {
  return {
    'audit.read': t('Tried to read the audit log'),
    'connection.edit': t('Tried to change connections'),
    'connection.read': t('Tried to see connections'),
    'connection.test': t('Tried to test a connection'),
    'conversation.edit': t('Tried to ask or change a conversation'),
    'conversation.read': t('Tried to read a conversation'),
    'invitation.edit': t('Tried to invite'),
    'member.edit': t('Tried to change members'),
    'member.read': t('Tried to see the members'),
    'query.read': t('Tried to see results'),
    'query.run': t('Tried to run a query'),
    'role.edit': t('Tried to change roles'),
    'session.create': t('Tried to sign in'),
    'workspace.delete': t('Tried to delete the workspace'),
    'workspace.edit': t('Tried to change settings'),
    'workspace.read': t('Tried to see the workspace')
  };
}

/** An act in words: "Changed role". One that has none yet shows as the server names it. */
export function actionWords(action: string, result: AuditRecord['result'] = 'allowed'): string {
  const known = acts()[action];
  if (result === 'refused') {
    return tries()[action] ?? t('Tried: %1', known ?? action);
  }
  return known ?? tries()[action] ?? action;
}

/** The actions whose words, as a row shows them, hold the text. */
export function actionsSaying(text: string): string[] {
  const wanted = text.trim().toLocaleLowerCase();
  if (wanted === '') {
    return [];
  }
  const known = [...new Set([...Object.keys(acts()), ...Object.keys(tries())])];
  return known.filter(action =>
    (['allowed', 'refused'] as const).some(result => actionWords(action, result).toLocaleLowerCase().includes(wanted))
  );
}

/** A kind of object in words. */
export function kindWords(kind: string): string {
  const words: Record<string, string> = {
    audit: t('Audit log'),
    connection: t('Connection'),
    conversation: t('Conversation'),
    invitation: t('Invitation'),
    member: t('Member'),
    message: t('Question'),
    query: t('Query'),
    role: t('Role'),
    session: t('Account'),
    table: t('Table'),
    token: t('API token'),
    user: t('Account'),
    workspace: t('Workspace')
  };
  return words[kind] ?? kind;
}

/** A field that changed, in words. */
export function fieldWords(field: string): string {
  const words: Record<string, string> = {
    audit_days: t('Audit records kept'),
    connection_id: t('Connection'),
    count: t('Times'),
    days: t('Days'),
    display_name: t('Name'),
    email: t('E-mail'),
    format: t('Format'),
    is_admin: t('Administrator'),
    kind: t('Kind'),
    mail: t('E-mail'),
    max_uses: t('For how many people'),
    name: t('Name'),
    permissions: t('Permissions'),
    problem: t('Problem'),
    rating: t('Rating'),
    records: t('Records'),
    role: t('Role'),
    role_name: t('Role'),
    rows: t('Rows'),
    source: t('Given by'),
    state: t('State'),
    table: t('Table'),
    time_zone: t('Time zone'),
    title: t('Title'),
    type: t('Chart'),
    via: t('Way in'),
    workspace_name: t('Workspace')
  };
  const plain = field.replaceAll('_', ' ');
  return words[field] ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

/** A value of a record in words. */
export function valueWords(field: string, value: unknown): string {
  if (field === 'audit_days' && (value === null || typeof value === 'number')) {
    return keptFor(value);
  }
  if (value === null || value === undefined || value === '') {
    return t('none');
  }
  if (typeof value === 'boolean') {
    return value ? t('yes') : t('no');
  }
  if (typeof value === 'number') {
    return value.toLocaleString();
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? t('none') : value.map(each => valueWords(field, each)).join(', ');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The changes of a record: each field with what it was and what it is. */
export function changesOf(record: AuditRecord): { field: string; before: unknown; after: unknown }[] {
  const changes = record.payload['changes'];
  if (typeof changes !== 'object' || changes === null) {
    return [];
  }
  return Object.entries(changes).flatMap(([field, pair]) =>
    Array.isArray(pair) ? [{ field, before: pair[0] as unknown, after: pair[1] as unknown }] : []
  );
}

/** What else a record says. Ids mean nothing to a reader. */
export function factsOf(record: AuditRecord): { field: string; value: unknown }[] {
  return Object.entries(record.payload)
    .filter(([field, value]) => field !== 'changes' && field !== 'hash' && !field.endsWith('_id') && value !== '')
    .map(([field, value]) => ({ field, value }));
}

/** "Firefox 152, Linux" of what a browser calls itself; a program's own name as it is. */
export function agentWords(agent: string | null): string {
  if (agent === null || agent === '') {
    return '–';
  }
  const browser = [
    [/Edg\/(\d+)/, 'Edge'],
    [/OPR\/(\d+)/, 'Opera'],
    [/Firefox\/(\d+)/, 'Firefox'],
    [/Chrome\/(\d+)/, 'Chrome'],
    [/Version\/(\d+)[^ ]* .*Safari/, 'Safari']
  ] as const;
  const found = browser.map(([pattern, name]) => [name, pattern.exec(agent)?.[1]] as const).find(([, version]) => version);
  if (!found) {
    return agent.slice(0, 60);
  }
  const systems = [
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux']
  ] as const;
  const system = systems.find(([pattern]) => pattern.test(agent))?.[1];
  return [`${found[0]} ${found[1] ?? ''}`, ...(system === undefined ? [] : [system])].join(', ');
}

/** The ends of a hash: enough to compare by eye. */
export function shortHash(hash: string): string {
  return hash === '' ? '–' : `${hash.slice(0, 4)} ${hash.slice(4, 8)} … ${hash.slice(-4)}`;
}
