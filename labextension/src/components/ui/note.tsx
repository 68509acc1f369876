import type { ReactNode } from 'react';

import type { ApiError } from '../../api/problems';
import { SignInNeeded } from '../../api/problems';
import { t } from '../../i18n';
import { Icon } from '../icons';
import { Button } from './button';

interface NoteProps {
  tone: 'success' | 'warn' | 'error' | 'info' | 'plain';
  title?: string | undefined;
  children?: ReactNode;
  action?: ReactNode;
}

const ICONS = {
  success: 'circle-check',
  warn: 'triangle-alert',
  error: 'circle-alert',
  info: 'info',
  plain: 'info'
} as const;

/** A message that stays where its cause is. */
export function Note({ tone, title, children, action }: NoteProps): JSX.Element {
  return (
    <div className={`da-note da-note--${tone}`} role={tone === 'error' ? 'alert' : 'status'}>
      <Icon name={ICONS[tone]} />
      <div className="da-grow">
        {title !== undefined && <b>{title}</b>}
        {children !== undefined && <div className="da-note-text">{children}</div>}
        {action !== undefined && <div className="da-note-action">{action}</div>}
      </div>
    </div>
  );
}

/** What happened, why, and what to do. */
export function ErrorNote({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }): JSX.Element {
  return (
    <Note
      tone="error"
      title={error.title}
      action={
        (retry || error instanceof SignInNeeded) && (
          <>
            {error instanceof SignInNeeded && (
              <a href={error.href} target="_blank" rel="noreferrer">
                {t('Sign in')}
              </a>
            )}
            {retry && (
              <Button small icon="rotate-cw" onClick={retry}>
                {t('Try again')}
              </Button>
            )}
          </>
        )
      }
    >
      {error.message !== error.title ? error.message : undefined}
    </Note>
  );
}
