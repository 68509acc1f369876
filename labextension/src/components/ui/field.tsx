import type { ReactNode } from 'react';
import { useId } from 'react';

import { Icon } from '../icons';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  optional?: string | undefined;
  /** The control: gets the id, and what describes it. */
  children(control: Control): ReactNode;
}

export interface Control {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean;
}

/** A label above, the control in its frame, and a hint or what is wrong below. */
export function LabelledField({ label, hint, error, optional, children }: FieldProps): JSX.Element {
  const id = useId();
  const wrong = error !== null && error !== undefined && error !== '';
  const described = wrong || hint !== undefined;
  return (
    <div className="da-field">
      <label className="da-label" htmlFor={id}>
        {label}
        {optional !== undefined && <small>{optional}</small>}
      </label>
      <span className={wrong ? 'da-input is-error' : 'da-input'}>
        {children({ id, 'aria-describedby': described ? `${id}-about` : undefined, 'aria-invalid': wrong })}
      </span>
      {described && (
        <span id={`${id}-about`} className={wrong ? 'da-hint da-hint--error' : 'da-hint'}>
          {wrong && <Icon name="circle-alert" />}
          {wrong ? error : hint}
        </span>
      )}
    </div>
  );
}
