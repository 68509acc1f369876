import type { ReactNode } from 'react';
import { useState } from 'react';

import { Icon } from '../../components/icons';
import { t } from '../../i18n';
import { Link } from '../router';
import type { Theme } from '../theme';
import { showTheme, theme } from '../theme';
import { Example } from './Example';

interface FrameProps {
  title: string;
  /** What the page is on the way to. */
  subtitle?: ReactNode;
  children: ReactNode;
}

/** The pages before one is in: what is asked on the left, what for on the right. */
export function Frame({ title, subtitle, children }: FrameProps): JSX.Element {
  return (
    <div className="da-root da-page da-gate" data-surface="page">
      <main className="da-gate-main">
        <Link className="da-brand" to={{ page: 'home' }} aria-label={t('DataAsk home')}>
          <Icon name="logo" size={26} />
          <b>DataAsk</b>
        </Link>
        <div className="da-gate-form">
          <div>
            <h1>{title}</h1>
            {subtitle !== undefined && <p className="da-muted">{subtitle}</p>}
          </div>
          {children}
        </div>
        <footer>
          <span className="da-grow" />
          <ThemeChoice />
        </footer>
      </main>
      <aside className="da-gate-side" aria-label={t('Example of a question and its answer')}>
        <Example />
      </aside>
    </div>
  );
}

function ThemeChoice(): JSX.Element {
  const [value, setValue] = useState<Theme>(theme);
  return (
    <label className="da-gate-theme">
      <span className="da-sr">{t('Theme')}</span>
      <select
        value={value}
        onChange={event => {
          const next = event.target.value as Theme;
          setValue(next);
          showTheme(next);
        }}
      >
        <option value="system">{t('System theme')}</option>
        <option value="light">{t('Light')}</option>
        <option value="dark">{t('Dark')}</option>
      </select>
    </label>
  );
}
