import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { forwardRef } from 'react';

import type { IconName } from '../icons';
import { Icon } from '../icons';
import { Tip } from './tooltip';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: 'default' | 'primary' | 'danger' | 'ghost' | 'quiet';
  small?: boolean;
  icon?: IconName;
  /** Words while it works; the width stays. */
  busy?: string | undefined;
  children: ReactNode;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { variant = 'default', small = false, icon, busy, className, children, disabled, ...rest },
  ref
) {
  const classes = ['da-btn'];
  if (variant !== 'default') {
    classes.push(`da-btn--${variant}`);
  }
  if (small) {
    classes.push('da-btn--sm');
  }
  if (className !== undefined) {
    classes.push(className);
  }
  return (
    <button ref={ref} type="button" className={classes.join(' ')} disabled={disabled ?? busy !== undefined} {...rest}>
      {busy !== undefined ? <Icon name="loader-circle" className="da-spin" /> : icon && <Icon name={icon} />}
      {busy ?? children}
    </button>
  );
});

interface IconButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon: IconName;
  label: string;
  small?: boolean;
  variant?: 'quiet' | 'primary' | 'default';
}

/** A button without words: its label is a tooltip and its name. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { icon, label, small = true, variant = 'quiet', className, ...rest },
  ref
) {
  const classes = `da-btn da-btn--icon ${variant === 'default' ? '' : `da-btn--${variant}`} ${small ? 'da-btn--sm' : ''} ${className ?? ''}`;
  return (
    <Tip text={label}>
      <button ref={ref} type="button" className={classes} aria-label={label} {...rest}>
        <Icon name={icon} />
      </button>
    </Tip>
  );
});
