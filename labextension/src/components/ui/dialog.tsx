import * as Radix from '@radix-ui/react-dialog';
import type { ReactNode } from 'react';

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
}

export function Dialog({ open, onOpenChange, title, kind = 'plain', children, footer }: DialogProps): JSX.Element {
  const portal = usePortal();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal container={portal}>
        <Radix.Overlay className={`da-scrim da-scrim--${kind}`}>
          <Radix.Content className={`da-dialog da-dialog--${kind}`} aria-describedby={undefined}>
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
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}
