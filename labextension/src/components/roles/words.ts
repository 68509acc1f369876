import type { Permission } from '../../api/types';
import { t } from '../../i18n';

interface Group {
  label: string;
  permissions: { key: Permission; label: string }[];
}

/** Every permission in words, in the order in which people think of them. Called late: words need the translator. */
export function permissionGroups(): Group[] {
  return [
    {
      label: t('Asking'),
      permissions: [
        { key: 'conversation.read', label: t('Read one’s own conversations') },
        { key: 'conversation.edit', label: t('Begin, rename and delete conversations') },
        { key: 'query.read', label: t('See results of queries') },
        { key: 'query.run', label: t('Ask questions and run queries') }
      ]
    },
    {
      label: t('Data'),
      permissions: [
        { key: 'connection.read', label: t('See connections and their tables') },
        { key: 'connection.test', label: t('Test connections') },
        { key: 'connection.edit', label: t('Add, change and delete connections') }
      ]
    },
    {
      label: t('People'),
      permissions: [
        { key: 'member.read', label: t('See the members') },
        { key: 'member.edit', label: t('Change roles of members, remove members') },
        { key: 'invitation.edit', label: t('Invite people') },
        { key: 'role.edit', label: t('Make and change roles') }
      ]
    },
    {
      label: t('Workspace'),
      permissions: [
        { key: 'workspace.read', label: t('See the workspace') },
        { key: 'workspace.edit', label: t('Change its settings') },
        { key: 'audit.read', label: t('Read the audit log') },
        { key: 'workspace.delete', label: t('Delete the workspace') }
      ]
    }
  ];
}

/** What a built-in role is for. */
export function aboutRole(id: string): string {
  const words: Record<string, string> = {
    owner: t('Everything, also deleting the workspace'),
    admin: t('Everything but deleting the workspace'),
    editor: t('Asks questions and runs queries'),
    viewer: t('Looks at connections and tables')
  };
  return words[id] ?? '';
}
