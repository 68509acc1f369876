import type { ApiError } from '../../api/problems';
import { t } from '../../i18n';
import { Icon } from '../icons';
import { Button } from '../ui/button';

/** One setting of a kind of connection, from its JSON Schema. */
export interface FormField {
  name: string;
  label: string;
  hint: string;
  type: 'text' | 'password' | 'number' | 'boolean' | 'choice';
  required: boolean;
  /** A text of several lines, such as a key in PEM: a line of input would lose its ends of lines. */
  multiline: boolean;
  placeholder: string;
  choices: string[];
  initial: string;
}

interface Property {
  type?: string;
  title?: string;
  description?: string;
  format?: string;
  writeOnly?: boolean;
  enum?: unknown[];
  anyOf?: Property[];
  default?: unknown;
  examples?: unknown[];
}

/** Whether every setting of the kind is one that a field can hold; files are chosen in another way. */
export function hasForm(schema: Record<string, unknown>): boolean {
  return Object.values((schema['properties'] ?? {}) as Record<string, Property>).every(each => each.type !== 'array');
}

/** The fields of a form, in the schema's order. */
export function fieldsOf(schema: Record<string, unknown>): FormField[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Property>;
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as string[]) : []);
  return Object.entries(properties).map(([name, given]) => {
    // An optional value is "this or null" in JSON Schema.
    const property = { ...given, ...given.anyOf?.find(each => each.type !== 'null') };
    const words = name.replaceAll('_', ' ');
    return {
      name,
      label: given.title ?? words.charAt(0).toUpperCase() + words.slice(1),
      hint: given.description ?? '',
      type: typeOf(property),
      required: required.has(name),
      multiline: property.format === 'textarea' || given.format === 'textarea',
      placeholder: textOf(given.examples?.[0]),
      choices: property.enum?.map(textOf) ?? [],
      initial: textOf(given.default)
    };
  });
}

function typeOf(property: Property): FormField['type'] {
  if (property.enum) {
    return 'choice';
  }
  if (property.format === 'password' || property.writeOnly === true) {
    return 'password';
  }
  switch (property.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return 'text';
  }
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

/** Whether these settings are those that were saved, the secret ones aside: else the server wants secrets again. */
export function sameSettings(fields: FormField[], settings: Record<string, unknown>, saved: Record<string, unknown>): boolean {
  return fields
    .filter(field => field.type !== 'password')
    .every(field => textOf(settings[field.name] ?? field.initial) === textOf(saved[field.name] ?? field.initial));
}

/**
 * What was typed, as the types that the schema asks for; empty optional settings stay out.
 *
 * A secret in `replacing` that was left empty is null: the server forgets it. Others that are empty stay as they are.
 */
export function settingsOf(
  fields: FormField[],
  values: Record<string, string>,
  replacing: ReadonlySet<string> = new Set()
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.type === 'password') {
      // As it was typed: a password may begin with a space.
      const secret = values[field.name] ?? '';
      if (secret !== '') {
        settings[field.name] = secret;
      } else if (replacing.has(field.name) && !field.required) {
        settings[field.name] = null;
      }
      continue;
    }
    const text = (values[field.name] ?? field.initial).trim();
    if (text === '' && !field.required) {
      continue;
    }
    settings[field.name] =
      field.type === 'number' && Number.isFinite(Number(text))
        ? Number(text)
        : field.type === 'boolean'
          ? text === 'true'
          : text;
  }
  return settings;
}

/** What is wrong with a field before the server is asked. */
export function fieldError(field: FormField, text: string): string | null {
  if (field.required && text.trim() === '') {
    return t('%1 is needed.', field.label);
  }
  if (field.type === 'number' && text.trim() !== '' && !Number.isFinite(Number(text))) {
    return t('%1 must be a number.', field.label);
  }
  return null;
}

interface FieldProps {
  field: FormField;
  value: string;
  error: string | null;
  onChange(value: string): void;
  onBlur(): void;
}

export function Field({ field, value, error, onChange, onBlur }: FieldProps): JSX.Element {
  const id = `da-field-${field.name}`;
  const describedBy = error !== null || field.hint !== '' ? `${id}-hint` : undefined;
  const common = {
    id,
    value,
    'aria-invalid': error !== null,
    'aria-describedby': describedBy,
    'aria-required': field.required,
    onBlur
  };
  return (
    <div className="da-field">
      <label className="da-label" htmlFor={id}>
        {field.label} {!field.required && <small>{t('optional')}</small>}
      </label>
      <span className={`da-input${field.multiline ? ' da-input--area' : ''}${error === null ? '' : ' is-error'}`}>
        {field.type === 'choice' || field.type === 'boolean' ? (
          <select {...common} onChange={event => onChange(event.target.value)}>
            {(field.type === 'boolean' ? ['true', 'false'] : field.choices).map(choice => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        ) : field.multiline ? (
          <textarea
            {...common}
            rows={4}
            placeholder={field.placeholder}
            autoComplete="off"
            spellCheck={false}
            onChange={event => onChange(event.target.value)}
          />
        ) : (
          <input
            {...common}
            type={field.type === 'password' ? 'password' : 'text'}
            inputMode={field.type === 'number' ? 'numeric' : undefined}
            placeholder={field.placeholder}
            autoComplete={field.type === 'password' ? 'new-password' : 'off'}
            spellCheck={false}
            onChange={event => onChange(event.target.value)}
          />
        )}
      </span>
      {error !== null ? (
        <span id={`${id}-hint`} className="da-hint da-hint--error">
          <Icon name="circle-alert" />
          {error}
        </span>
      ) : (
        field.hint !== '' && (
          <span id={`${id}-hint`} className="da-hint">
            {field.hint}
          </span>
        )
      )}
    </div>
  );
}

interface SecretFieldProps {
  field: FormField;
  error: string | null;
  onReplace(): void;
}

/** A secret that is set: nobody sees it again, it can only be replaced. */
export function SecretField({ field, error, onReplace }: SecretFieldProps): JSX.Element {
  const id = `da-field-${field.name}`;
  return (
    <div className="da-field" role="group" aria-labelledby={`${id}-label`}>
      <span className="da-label" id={`${id}-label`}>
        {field.label}
      </span>
      <span className="da-secret">
        {t('Set.')}
        <Button id={id} variant="quiet" small aria-label={t('Replace %1', field.label)} onClick={onReplace}>
          {t('Replace')}
        </Button>
      </span>
      {error !== null && (
        <span className="da-hint da-hint--error">
          <Icon name="circle-alert" />
          {error}
        </span>
      )}
    </div>
  );
}

/** What the server says about a field. */
export function serverError(error: ApiError | null, path: string): string | null {
  return error?.field(path) ?? error?.field(`body.${path}`) ?? null;
}
