import type { InputHTMLAttributes, KeyboardEvent, ReactNode, RefObject } from 'react';
import { createRef, useCallback, useId, useMemo, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { Icon } from '../../components/icons';
import { t } from '../../i18n';

/** What is wrong with a value, in words; null when nothing is. */
export type Rule = (value: string) => string | null;

export interface Bound {
  value: string;
  error: string | null;
  input: RefObject<HTMLInputElement>;
  onValue(value: string): void;
  onBlur(): void;
}

interface Fields<Name extends string> {
  values: Record<Name, string>;
  bind(name: Name): Bound;
  /** Checks all; on the first error, that field has the focus. */
  check(): boolean;
  /** Shows what the server says on the fields it says it about; false when it is about none of them. */
  refuse(errors: Partial<Record<Name, string>>): boolean;
  clear(): void;
}

/** The server's words on single fields of a form. */
export function fieldErrors<Name extends string>(error: ApiError, names: readonly Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const detail = error.field(name);
    if (detail !== undefined) {
      found[name] = detail;
    }
  }
  return found;
}

/** Fields that are checked when they are left, and from then on with every key. */
export function useFields<Name extends string>(rules: Record<Name, Rule>): Fields<Name> {
  const names = Object.keys(rules) as Name[];
  const each = <Value,>(make: (name: Name) => Value): Record<Name, Value> =>
    Object.fromEntries(names.map(name => [name, make(name)])) as Record<Name, Value>;
  const [values, setValues] = useState(() => each(() => ''));
  const [left, setLeft] = useState<Partial<Record<Name, boolean>>>({});
  const [refused, setRefused] = useState<Partial<Record<Name, string>>>({});
  // eslint-disable-next-line react-hooks/exhaustive-deps -- a form's fields stay the same.
  const inputs = useMemo(() => each(() => createRef<HTMLInputElement>()), []);

  const errorOf = (name: Name): string | null =>
    refused[name] ?? (left[name] === true ? rules[name](values[name]) : null);

  const focus = (name: Name | undefined): void => {
    if (name !== undefined) {
      inputs[name].current?.focus();
    }
  };

  const clear = useCallback(() => {
    setValues(before => Object.fromEntries(Object.keys(before).map(name => [name, ''])) as Record<Name, string>);
    setLeft({});
    setRefused({});
  }, []);

  return {
    values,
    bind: name => ({
      value: values[name],
      error: errorOf(name),
      input: inputs[name],
      onValue: value => {
        setValues(before => ({ ...before, [name]: value }));
        setRefused({});
      },
      onBlur: () => {
        // Who only walks past a field hasn't made a mistake in it yet.
        if (values[name] !== '') {
          setLeft(before => ({ ...before, [name]: true }));
        }
      }
    }),
    check: () => {
      setLeft(each(() => true) as Partial<Record<Name, boolean>>);
      const first = names.find(name => rules[name](values[name]) !== null);
      focus(first);
      return first === undefined;
    },
    refuse: errors => {
      const first = names.find(name => errors[name] !== undefined);
      setRefused(errors);
      focus(first);
      return first !== undefined;
    },
    clear
  };
}

type FieldProps = Bound &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onBlur'> & {
    label: string;
    hint?: ReactNode;
    optional?: boolean;
    trailing?: ReactNode;
  };

/** A label above, a hint or an error below. */
export function Field({
  label,
  hint,
  optional = false,
  trailing,
  value,
  error,
  input,
  onValue,
  onBlur,
  ...rest
}: FieldProps): JSX.Element {
  const id = useId();
  return (
    <div className="da-field">
      <label className="da-label" htmlFor={id}>
        {label}
        {optional && <small>{t('optional')}</small>}
      </label>
      <span className={`da-input ${error !== null ? 'is-error' : ''}`}>
        <input
          {...rest}
          id={id}
          ref={input}
          value={value}
          aria-invalid={error !== null}
          aria-describedby={error !== null || hint !== undefined ? `${id}-note` : undefined}
          onChange={event => onValue(event.target.value)}
          onBlur={onBlur}
        />
        {trailing}
      </span>
      {error !== null ? (
        <span className="da-hint da-hint--error" id={`${id}-note`} role="alert">
          <Icon name="circle-alert" />
          <span>{error}</span>
        </span>
      ) : (
        hint !== undefined && (
          <span className="da-hint" id={`${id}-note`}>
            {hint}
          </span>
        )
      )}
    </div>
  );
}

/** A password, which can be looked at; says when Caps Lock is on. */
export function PasswordField(props: Omit<FieldProps, 'type' | 'trailing'>): JSX.Element {
  const [shown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const look = (event: KeyboardEvent): void => setCaps(event.getModifierState('CapsLock'));
  return (
    <div className="da-field">
      <Field
        spellCheck={false}
        autoCapitalize="none"
        {...props}
        type={shown ? 'text' : 'password'}
        onKeyDown={look}
        onKeyUp={look}
        trailing={
          <button
            type="button"
            className="da-btn da-btn--quiet da-btn--icon da-btn--sm da-reveal"
            aria-label={shown ? t('Hide password') : t('Show password')}
            title={shown ? t('Hide password') : t('Show password')}
            onClick={() => setShown(!shown)}
          >
            <Icon name={shown ? 'eye-off' : 'eye'} />
          </button>
        }
      />
      <span role="status" className="da-hint">
        {caps ? t('Caps Lock is on.') : ''}
      </span>
    </div>
  );
}

export const required =
  (text: string): Rule =>
  value =>
    value.trim() === '' ? text : null;

/** What the server takes for an address, as far as it is worth telling while typing. */
export const emailRule: Rule = value => {
  if (value.trim() === '') {
    return t('Enter your e-mail address.');
  }
  return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value.trim()) ? null : t('Not an e-mail address. It looks like name@example.com.');
};

export const SHORTEST_PASSWORD = 10;

export const newPasswordRule: Rule = value =>
  Array.from(value).length < SHORTEST_PASSWORD
    ? t('A password has at least %1 characters.', SHORTEST_PASSWORD)
    : null;

/** How hard a password is to guess, in words: length counts most, and then that it doesn't repeat itself. */
export function strength(password: string): string {
  const letters = Array.from(password);
  if (letters.length < SHORTEST_PASSWORD) {
    return t('At least %1 characters. Several words are easy to remember and hard to guess.', SHORTEST_PASSWORD);
  }
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter(kind => kind.test(password)).length;
  const variety = new Set(letters).size;
  const score = Math.min(letters.length, variety * 2) + kinds * 2;
  if (variety < 5 || score < 16) {
    return t('Weak: easy to guess. Make it longer.');
  }
  return score < 24 ? t('Fair: longer is better.') : t('Strong.');
}
