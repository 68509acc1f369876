import { t } from '../../i18n';
import { Link, useTitle } from '../router';

/** The one answer for what isn't there and for what isn't yours. */
export function Missing(): JSX.Element {
  useTitle(t('Not found'));
  return (
    <main className="da-in">
      <div className="da-empty">
        <h1>{t('This doesn’t exist, or you can’t see it')}</h1>
        <p>{t('The address may be wrong, or it belongs to a workspace that you aren’t a member of.')}</p>
        <Link className="da-btn" to={{ page: 'home' }}>
          {t('Home')}
        </Link>
      </div>
    </main>
  );
}
