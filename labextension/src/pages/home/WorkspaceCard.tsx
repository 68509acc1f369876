import type { Workspace } from '../../api/types';
import { Icon } from '../../components/icons';
import { Avatar } from '../../components/ui/avatar';
import { initials } from '../../format';
import { t, tn } from '../../i18n';
import { Link } from '../router';

/** Those of the chart palette that stand well beside each other. */
const COLOURS = [1, 3, 6, 2, 4, 5];

/** A workspace: what is in it, who, and what you are there. */
export function WorkspaceCard({ workspace, colour }: { workspace: Workspace; colour: number }): JSX.Element {
  const more = workspace.members - workspace.faces.length;
  const source = `var(--da-c-${COLOURS[colour % COLOURS.length]})`;
  return (
    <li className="da-card da-home-card">
      <div className="da-home-card-top">
        <span className="da-src da-src--big" style={{ ['--src' as string]: source }} aria-hidden="true">
          {initials(workspace.name)}
        </span>
        <div className="da-grow">
          <Link
            className="da-home-card-link da-trunc"
            to={{ page: 'ask', workspace: workspace.id, conversation: null, connection: null }}
          >
            {workspace.name}
          </Link>
          <small className="da-trunc">{contents(workspace)}</small>
        </div>
        <span className="da-badge">{workspace.role_name}</span>
        <Link
          className="da-btn da-btn--quiet da-btn--icon da-btn--sm"
          to={{ page: 'workspace', id: workspace.id, tab: null }}
          aria-label={t('Settings of %1', workspace.name)}
          title={t('Settings')}
        >
          <Icon name="settings" />
        </Link>
      </div>
      <div className="da-home-card-people">
        <span className="da-sr">{tn('%1 member', '%1 members', workspace.members)}</span>
        <span className="da-avatars" title={workspace.faces.map(face => face.display_name).join(', ')}>
          {workspace.faces.map(face => (
            <Avatar key={face.id} id={face.id} name={face.display_name} />
          ))}
          {more > 0 && (
            <span className="da-avatar da-avatar--more" aria-hidden="true">
              +{more}
            </span>
          )}
        </span>
      </div>
    </li>
  );
}

function contents(workspace: Workspace): string {
  const connections = tn('%1 connection', '%1 connections', workspace.connections);
  if (workspace.personal || workspace.members === 1) {
    return workspace.connections === 0 ? t('Only you') : t('%1, only you', connections);
  }
  return t('%1, %2', connections, tn('%1 member', '%1 members', workspace.members));
}
