import type { Recent } from '../../api/types';
import { Icon } from '../../components/icons';
import { moment } from '../../format';
import { t } from '../../i18n';
import { Link } from '../router';

/** What to go on with, newest first. */
export function Continue({ items: all }: { items: Recent[] }): JSX.Element {
  // A query by hand has no page to go on with it.
  const items = all.filter(item => item.kind === 'conversation');
  if (items.length === 0) {
    return (
      <div className="da-empty">
        <p>{t('What you ask shows here, to go on with.')}</p>
      </div>
    );
  }
  return (
    <ul className="da-card da-recent">
      {items.map(item => (
        <li key={item.id}>
          <span className="da-recent-icon" aria-hidden="true">
            <Icon name="message-square-text" />
          </span>
          <div className="da-grow">
            <Link
              className="da-recent-link da-trunc"
              to={{ page: 'ask', workspace: item.workspace_id, conversation: item.id, connection: null }}
            >
              {item.name}
            </Link>
            <small className="da-trunc">{t('Conversation in %1', item.workspace_name)}</small>
          </div>
          <time className="da-meta" dateTime={item.at}>
            {moment(item.at)}
          </time>
        </li>
      ))}
    </ul>
  );
}
