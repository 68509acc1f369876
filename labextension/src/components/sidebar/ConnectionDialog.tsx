import * as RadioGroup from '@radix-ui/react-radio-group';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Connection, ConnectionKind, ConnectionStatus } from '../../api/types';
import { duration } from '../../format';
import { t } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys, useConnectionKinds } from '../queries';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { SourceTile } from '../ui/tile';
import type { FormField } from './SchemaForm';
import { Field, fieldError, fieldsOf, hasForm, sameSettings, SecretField, serverError, settingsOf } from './SchemaForm';

interface ConnectionDialogProps {
  workspaceId: string;
  open: boolean;
  onOpenChange(open: boolean): void;
  /** The connection to change; absent to add one. */
  connection?: Connection | undefined;
}

/** Adds a connection, or changes one. */
export function ConnectionDialog(props: ConnectionDialogProps): JSX.Element | null {
  // Closed, it forgets what was typed.
  return props.open ? <Form key={props.connection?.id ?? 'new'} {...props} /> : null;
}

interface Tested {
  status: ConnectionStatus;
  at: number;
  settings: string;
}

const NAME: FormField = {
  name: 'name',
  label: 'Name',
  hint: '',
  type: 'text',
  required: true,
  multiline: false,
  placeholder: '',
  choices: [],
  initial: ''
};

function Form({ workspaceId, open, onOpenChange, connection }: ConnectionDialogProps): JSX.Element {
  const { api } = useHost();
  const loaded = useConnectionKinds(open);
  const kinds: ConnectionKind[] = (loaded.data ?? []).filter(each => hasForm(each.settings_schema));
  const notLoaded = errorOf(loaded);
  const client = useQueryClient();
  const announce = useAnnounce();
  const form = useRef<HTMLFormElement>(null);
  const focusOn = useRef<string | null>(null);
  const [kindName, setKindName] = useState(connection?.kind ?? '');
  const [name, setName] = useState(connection?.name ?? '');
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(Object.entries(connection?.settings ?? {}).map(([key, value]) => [key, String(value ?? '')]))
  );
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [replacing, setReplacing] = useState<ReadonlySet<string>>(new Set());
  const [tested, setTested] = useState<Tested | null>(null);
  const [testing, setTesting] = useState(false);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  const kind = kinds.find(each => each.kind === kindName) ?? kinds[0];
  const fields = useMemo(() => (kind ? fieldsOf(kind.settings_schema) : []), [kind]);
  const settings = settingsOf(fields, values, replacing);
  const same = connection !== undefined && sameSettings(fields, settings, connection.settings);
  /** Whether it is set, and stays so unless another one is typed. */
  const isKept = (field: FormField): boolean =>
    connection !== undefined &&
    connection.secrets.includes(field.name) &&
    !replacing.has(field.name) &&
    (!same || (values[field.name] ?? '') === '');
  const againHint = t('Enter it again because other settings changed. It is kept for the old ones only.');
  const inForm = fields.map(field => (isKept(field) ? { ...field, required: !same, hint: againHint } : field));
  const shown = (field: FormField, text: string, path: string): string | null =>
    serverError(error, path) ?? (touched.has(field.name) ? fieldError(field, text) : null);
  const nameField = { ...NAME, label: t(NAME.label) };

  // Where a button was that was chosen, a field is now.
  useEffect(() => {
    form.current?.querySelector<HTMLElement>(`#da-field-${focusOn.current ?? ''}`)?.focus();
    focusOn.current = null;
  }, [replacing]);

  /** True when the form is complete; otherwise its first error gets the focus. */
  const complete = (all: FormField[]): boolean => {
    const wrong = all.filter(field => fieldError(field, field.name === 'name' ? name : (values[field.name] ?? '')) !== null);
    setTouched(new Set([...touched, ...all.map(field => field.name)]));
    const first = wrong[0];
    if (first) {
      form.current?.querySelector<HTMLElement>(`#da-field-${first.name}`)?.focus();
    }
    return first === undefined;
  };

  const test = async (): Promise<void> => {
    if (!kind || !complete(inForm.filter(field => !same || !isKept(field)))) {
      return;
    }
    setTesting(true);
    setError(null);
    try {
      const status = await api.testSettings(workspaceId, {
        kind: kind.kind,
        settings,
        ...(connection && { connection_id: connection.id })
      });
      setTested({ status, at: Date.now(), settings: JSON.stringify(settings) });
      announce(status.state === 'ok' ? t('Connection works') : (status.detail ?? t('The connection failed')));
    } catch (reason) {
      setError(asApiError(reason));
    } finally {
      setTesting(false);
    }
  };

  const save = async (): Promise<void> => {
    if (!kind || !complete([nameField, ...inForm.filter(field => !same || !isKept(field))])) {
      return;
    }
    setSaving(true);
    setError(null);
    try {
      if (connection) {
        const changed = await api.updateConnection(connection, { name: name.trim(), settings });
        await api.testConnection(changed).catch(() => undefined);
        await client.invalidateQueries({ queryKey: keys.catalog(workspaceId, connection.id) });
      } else {
        await api.createConnection(workspaceId, { name: name.trim(), kind: kind.kind, settings });
      }
      await client.invalidateQueries({ queryKey: keys.connections(workspaceId) });
      onOpenChange(false);
    } catch (reason) {
      setError(asApiError(reason));
    } finally {
      setSaving(false);
    }
  };

  const stale = tested !== null && tested.settings !== JSON.stringify(settings);
  const general = error !== null && error.fields.length === 0;
  const saveLabel = connection ? t('Save changes') : t('Add connection');
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      kind="form"
      title={connection ? t('Change %1', connection.name) : t('Add a connection')}
      footer={
        <>
          <Button icon="rotate-cw" busy={testing ? t('Testing …') : undefined} onClick={() => void test()}>
            {tested ? t('Test again') : t('Test')}
          </Button>
          {tested && <TestedAt at={tested.at} stale={stale} />}
          <span className="da-grow" />
          <Button variant="ghost" onClick={() => onOpenChange(false)}>
            {t('Cancel')}
          </Button>
          <Button variant="primary" busy={saving ? t('Saving …') : undefined} onClick={() => void save()}>
            {saveLabel}
          </Button>
        </>
      }
    >
      <form
        ref={form}
        onSubmit={event => {
          event.preventDefault();
          void save();
        }}
      >
        {notLoaded && <ErrorNote error={notLoaded} retry={() => void loaded.refetch()} />}
        {loaded.isPending && <div className="da-skel da-skel--form" />}
        {!connection && kinds.length > 0 && (
          <RadioGroup.Root className="da-kinds" aria-label={t('Kind')} value={kind?.kind ?? ''} onValueChange={setKindName}>
            {kinds.map(each => (
              <RadioGroup.Item key={each.kind} value={each.kind} className="da-kind" type="button">
                <SourceTile kind={each.kind} tile={each.tile} />
                <span>{each.label}</span>
              </RadioGroup.Item>
            ))}
          </RadioGroup.Root>
        )}
        <div className="da-form-grid">
          <Field
            field={nameField}
            value={name}
            error={shown(nameField, name, 'name')}
            onChange={setName}
            onBlur={() => setTouched(new Set(touched).add('name'))}
          />
          {inForm.map(field => {
            const value = values[field.name] ?? field.initial;
            const path = `settings.${field.name}`;
            if (same && isKept(field)) {
              return (
                <SecretField
                  key={field.name}
                  field={field}
                  error={serverError(error, path)}
                  onReplace={() => {
                    setReplacing(new Set(replacing).add(field.name));
                    focusOn.current = field.name;
                  }}
                />
              );
            }
            return (
              <Field
                key={field.name}
                field={field}
                value={value}
                error={shown(field, value, path)}
                onChange={text => {
                  setValues({ ...values, [field.name]: text });
                  setError(null);
                }}
                onBlur={() => value !== '' && setTouched(new Set(touched).add(field.name))}
              />
            );
          })}
        </div>
        {kind && kind.notes !== '' && (
          <p className="da-hint da-form-notes">
            <Icon name="info" />
            {kind.notes}
          </p>
        )}
        <input type="submit" hidden />
      </form>
      {general && <ErrorNote error={error} />}
      {tested && !stale && <TestResult status={tested.status} />}
    </Dialog>
  );
}

function TestedAt({ at, stale }: { at: number; stale: boolean }): JSX.Element {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = globalThis.setInterval(() => setNow(Date.now()), 1_000);
    return () => globalThis.clearInterval(timer);
  }, []);
  return (
    <span className="da-meta">
      {stale ? t('Changed since the test') : t('Tested %1 s ago', Math.max(0, Math.round((now - at) / 1_000)))}
    </span>
  );
}

function TestResult({ status }: { status: ConnectionStatus }): JSX.Element {
  if (status.state !== 'ok') {
    return (
      <div className="da-note da-note--error da-test" role="alert">
        <Icon name="circle-alert" />
        <div className="da-grow">
          <b>{t('The connection failed')}</b>
          <div className="da-note-text">{status.detail}</div>
        </div>
      </div>
    );
  }
  const facts: [string, string | null][] = [
    [t('Round trip'), status.latency_ms === null ? null : duration(status.latency_ms)],
    [t('Server'), status.server_version],
    [t('Tables found'), status.table_count === null ? null : status.table_count.toLocaleString()],
    [t('Rights'), status.read_only === null ? null : status.read_only ? t('Read only') : t('Read and write')]
  ];
  return (
    <div className="da-note da-note--success da-test" role="status">
      <Icon name="circle-check" />
      <div className="da-grow">
        <b>{t('Connection works')}</b>
        <dl>
          {facts
            .filter(([, value]) => value !== null)
            .map(([label, value]) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd className="da-num">{value}</dd>
              </div>
            ))}
        </dl>
      </div>
    </div>
  );
}
