import * as Dropdown from '@radix-ui/react-dropdown-menu';
import type { ReactElement } from 'react';

import { t } from '../../i18n';
import { usePortal } from '../host';
import type { IconName } from '../icons';
import { Icon } from '../icons';

export interface MenuItem {
  key: string;
  label: string;
  detail?: string | undefined;
  icon?: IconName | undefined;
  shortcut?: string | undefined;
  danger?: boolean | undefined;
  checked?: boolean | undefined;
  disabled?: boolean | undefined;
  /** A line above it. */
  separated?: boolean | undefined;
  onSelect(): void;
}

interface MenuProps {
  trigger: ReactElement;
  items: MenuItem[];
  label: string;
  align?: 'start' | 'end';
}

export function Menu({ trigger, items, label, align = 'start' }: MenuProps): JSX.Element {
  const portal = usePortal();
  return (
    <Dropdown.Root modal={false}>
      <Dropdown.Trigger asChild>{trigger}</Dropdown.Trigger>
      <Dropdown.Portal container={portal}>
        <Dropdown.Content className="da-menu" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {items.map(item => (
            <Dropdown.Item
              key={item.key}
              className={`da-menu-item ${item.danger === true ? 'da-menu-item--danger' : ''} ${item.separated === true ? 'da-menu-item--separated' : ''}`}
              disabled={item.disabled === true}
              onSelect={item.onSelect}
            >
              {item.icon && <Icon name={item.icon} />}
              <span className="da-menu-text">
                <span>{item.label}</span>
                {item.detail !== undefined && item.detail !== '' && <small>{item.detail}</small>}
              </span>
              {item.checked === true && <Icon name="check" label={t('Chosen')} />}
              {item.shortcut !== undefined && <span className="da-kbd">{item.shortcut}</span>}
            </Dropdown.Item>
          ))}
        </Dropdown.Content>
      </Dropdown.Portal>
    </Dropdown.Root>
  );
}
