import type { Activity } from '../../api/types';
import { Icon } from '../../components/icons';
import { Avatar } from '../../components/ui/avatar';
import { moment } from '../../format';
import { t } from '../../i18n';
import { Link } from '../router';

/** What others did, newest first. */
export function Activities({ items }: { items: Activity[] }): JSX.Element {
  if (items.length === 0) {
    return (
      <div className="da-empty">
        <p>{t('What others do in your workspaces shows here.')}</p>
      </div>
    );
  }
  return (
    <ul className="da-activity">
      {items.map(item => (
        <li key={item.id}>
          {item.actor ? (
            <Avatar id={item.actor.id} name={item.actor.display_name} size={26} />
          ) : (
            <span className="da-activity-icon" aria-hidden="true">
              <Icon name="info" size={14} />
            </span>
          )}
          <p>
            <b>{item.actor?.display_name ?? t('The server')}</b> {deed(item)}{' '}
            <Link to={{ page: 'workspace', id: item.workspace_id, tab: item.object_kind === 'role' ? 'roles' : null }}>
              {item.workspace_name}
            </Link>
            <span className="da-meta"> · {moment(item.at)}</span>
          </p>
        </li>
      ))}
    </ul>
  );
}

/** What somebody did, up to the name of the workspace. */
function deed({ action, object_name: name }: Activity): string {
  switch (action) {
    case 'workspace.create':
      return t('made');
    case 'workspace.update':
      return t('changed the settings of');
    case 'invitation.accept':
    case 'member.add':
      return t('joined');
    case 'member.leave':
      return t('left');
    case 'member.remove':
      return name === '' ? t('removed a member of') : t('removed %1 from', name);
    case 'member.update':
      return name === '' ? t('changed a role in') : t('changed the role of %1 in', name);
    case 'role.create':
      return t('made the role “%1” in', name);
    case 'role.update':
      return t('changed the role “%1” in', name);
    case 'role.delete':
      return t('deleted the role “%1” in', name);
    case 'connection.create':
      return t('added the connection “%1” to', name);
    case 'connection.update':
      return t('changed the connection “%1” in', name);
    case 'connection.delete':
      return t('deleted the connection “%1” in', name);
    default:
      return t('did something in');
  }
}
