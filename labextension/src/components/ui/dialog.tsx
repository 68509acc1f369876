import * as Radix from '@radix-ui/react-dialog';
import type { ReactNode, RefObject } from 'react';
import { useRef } from 'react';

import { t } from '../../i18n';
import { usePortal } from '../host';
import { IconButton } from './button';

interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  /** `form` is wider; `sheet` comes from the bottom, for phones. */
  kind?: 'plain' | 'form' | 'sheet';
  children: ReactNode;
  footer?: ReactNode;
  /** What gets the focus back, where the dialog was opened from a menu that is gone by then. */
  returnTo?: RefObject<HTMLElement> | undefined;
}

export function Dialog({ open, onOpenChange, title, kind = 'plain', children, footer, returnTo }: DialogProps): JSX.Element {
  const portal = usePortal();
  const content = useRef<HTMLDivElement>(null);
  const opener = useRef<Element | null>(null);
  // The first field, not the Close button: whoever opens a form wants to fill it.
  const focusFirst = (event: Event): void => {
    event.preventDefault();
    opener.current = document.activeElement;
    const field = content.current?.querySelector<HTMLElement>('.da-dialog-body :is(input:not([hidden]), [role="radio"][tabindex="0"])');
    (field ?? content.current)?.focus();
  };
  // Radix gives the focus back to its own trigger only; our dialogs are opened by any control.
  const giveBack = (event: Event): void => {
    event.preventDefault();
    if (returnTo?.current) {
      returnTo.current.focus();
    } else if (opener.current instanceof HTMLElement && opener.current.isConnected) {
      opener.current.focus();
    }
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal container={portal}>
        {/* Not Radix's overlay: its scroll lock sets the body's position, and Lab's layout hangs on that. */}
        <div className={`da-scrim da-scrim--${kind}`}>
          <Radix.Content
            ref={content}
            className={`da-dialog da-dialog--${kind}`}
            aria-describedby={undefined}
            onOpenAutoFocus={focusFirst}
            onCloseAutoFocus={giveBack}
          >
            <header>
              <Radix.Title>{title}</Radix.Title>
              <span className="da-grow" />
              <Radix.Close asChild>
                <IconButton icon="x" label={t('Close')} small={false} />
              </Radix.Close>
            </header>
            <div className="da-dialog-body">{children}</div>
            {footer !== undefined && <footer>{footer}</footer>}
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}
