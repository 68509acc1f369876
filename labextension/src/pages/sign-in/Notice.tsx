import type { ReactNode } from 'react';

import { t } from '../../i18n';
import { Icon } from '../../components/icons';

interface NoticeProps {
  text: string;
  tone?: 'error' | 'info' | 'success';
  /** Read instead of the text, where that changes by the second. */
  spoken?: string;
  children?: ReactNode;
}

const ICONS = { error: 'circle-alert', success: 'circle-check', info: 'info' } as const;

/** What is to be said about more than one field, or about none. */
export function Notice({ text, tone = 'error', spoken, children }: NoticeProps): JSX.Element {
  return (
    <div className={`da-note da-note--${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <Icon name={ICONS[tone]} />
      <div className="da-grow">
        {spoken !== undefined && <span className="da-sr">{spoken}</span>}
        <div aria-hidden={spoken !== undefined}>{text}</div>
        {children !== undefined && <div className="da-note-action">{children}</div>}
      </div>
    </div>
  );
}

/** That there were too many tries, and for how long still. */
export function WaitNotice({ words }: { words: string }): JSX.Element {
  return (
    <Notice text={t('Too many tries. You can try again in %1.', words)} spoken={t('Too many tries. Wait, then try again.')} />
  );
}
