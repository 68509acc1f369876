import * as Pop from '@radix-ui/react-popover';
import type { ReactElement, ReactNode } from 'react';

import { usePortal } from '../host';

interface PopoverProps {
  trigger: ReactElement;
  label: string;
  children: ReactNode;
  align?: 'start' | 'end';
}

export function Popover({ trigger, label, children, align = 'start' }: PopoverProps): JSX.Element {
  const portal = usePortal();
  return (
    <Pop.Root>
      <Pop.Trigger asChild>{trigger}</Pop.Trigger>
      <Pop.Portal container={portal}>
        <Pop.Content className="da-popover" aria-label={label} align={align} sideOffset={4} collisionPadding={8}>
          {children}
        </Pop.Content>
      </Pop.Portal>
    </Pop.Root>
  );
}
