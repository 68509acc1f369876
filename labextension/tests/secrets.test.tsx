import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { Connection, ConnectionKind } from '../src/api/types';
import { ConnectionDialog } from '../src/components/sidebar/ConnectionDialog';
import { fakeApi } from './fake';
import * as data from './fixtures';
import { makeHost, show } from './render';

const KIND: ConnectionKind = {
  kind: 'postgresql',
  label: 'PostgreSQL',
  tile: 'Pg',
  dialect: 'postgres',
  notes: '',
  settings_schema: {
    properties: {
      host: { type: 'string', title: 'Host' },
      password: { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'Password', writeOnly: true, format: 'password' }
    },
    required: ['host']
  }
};

const SAVED: Connection = {
  ...data.connection(1, 'sales', 'postgresql', 'ok'),
  settings: { host: 'db.example.com' },
  secrets: ['password']
};

function open(connection?: Connection, ...kinds: ConnectionKind[]) {
  const update = vi.fn(async () => SAVED);
  const test = vi.fn(async () => SAVED.status);
  const create = vi.fn(async () => SAVED);
  const api = fakeApi({
    updateConnection: update,
    testSettings: test,
    createConnection: create,
    connectionKinds: async () => (kinds.length > 0 ? kinds : [KIND])
  });
  show(
    makeHost(api),
    <ConnectionDialog workspaceId={data.WS} open connection={connection} onOpenChange={() => undefined} />
  );
  return { update, test, create, user: userEvent.setup() };
}

describe('Secrets in the form of a connection', () => {
  it('are said to be set, and stay when nothing is typed', async () => {
    const { update, test, user } = open(SAVED);
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('Set.')).toBeTruthy();
    expect(within(dialog).queryByLabelText('Password', { selector: 'input' })).toBeNull();
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    expect(test).toHaveBeenCalledWith(data.WS, {
      kind: 'postgresql',
      settings: { host: 'db.example.com' },
      connection_id: SAVED.id
    });
    await user.click(within(dialog).getByRole('button', { name: 'Save changes' }));
    expect(update).toHaveBeenCalledWith(SAVED, { name: 'sales', settings: { host: 'db.example.com' } });
  });

  it('are replaced as they were typed, spaces too; left empty they are removed', async () => {
    const { update, user } = open(SAVED);
    const dialog = await screen.findByRole('dialog');
    await user.click(await within(dialog).findByRole('button', { name: 'Replace Password' }));
    const field = within(dialog).getByLabelText(/Password/);
    expect(document.activeElement).toBe(field);
    expect(field.getAttribute('type')).toBe('password');
    const save = within(dialog).getByRole('button', { name: 'Save changes' });
    await user.click(save);
    expect(update).toHaveBeenLastCalledWith(SAVED, { name: 'sales', settings: { host: 'db.example.com', password: null } });
    await user.type(field, ' new one ');
    await user.click(save);
    expect(update).toHaveBeenLastCalledWith(SAVED, {
      name: 'sales',
      settings: { host: 'db.example.com', password: ' new one ' }
    });
  });

  it('are asked for again when the server changes', async () => {
    const { update, user } = open(SAVED);
    const dialog = await screen.findByRole('dialog');
    await user.type(await within(dialog).findByLabelText('Host'), '.evil');
    expect(within(dialog).getByText(/Enter it again because other settings changed/)).toBeTruthy();
    const save = within(dialog).getByRole('button', { name: 'Save changes' });
    await user.click(save);
    expect(within(dialog).getByText('Password is needed.')).toBeTruthy();
    expect(update).not.toHaveBeenCalled();
    await user.type(within(dialog).getByLabelText('Password'), 'again');
    await user.click(save);
    expect(update).toHaveBeenCalledWith(SAVED, {
      name: 'sales',
      settings: { host: 'db.example.com.evil', password: 'again' }
    });
  });

  it('go with a new connection', async () => {
    const { create, user } = open();
    const dialog = await screen.findByRole('dialog');
    await user.type(await within(dialog).findByLabelText('Name'), 'sales');
    await user.type(await within(dialog).findByLabelText('Host'), 'db');
    await user.type(within(dialog).getByLabelText(/Password/), 'first');
    await user.click(within(dialog).getByRole('button', { name: 'Add connection' }));
    expect(create).toHaveBeenCalledWith(data.WS, {
      name: 'sales',
      kind: 'postgresql',
      settings: { host: 'db', password: 'first' }
    });
  });

  it('of several lines keep their ends of lines', async () => {
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----';
    const { test, user } = open(undefined, {
      ...KIND,
      settings_schema: {
        properties: { private_key: { type: 'string', title: 'Private key', writeOnly: true, format: 'textarea' } }
      }
    });
    const dialog = await screen.findByRole('dialog');
    await user.click(await within(dialog).findByLabelText(/^Private key/));
    await user.paste(key);
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    expect(test).toHaveBeenCalledWith(data.WS, { kind: 'postgresql', settings: { private_key: key } });
  });

  it('are not asked for where a kind takes more than fields hold', async () => {
    const lists = { properties: { tables: { type: 'array', title: 'Tables' } } };
    open(undefined, KIND, { ...KIND, kind: 'files', label: 'Files', settings_schema: lists });
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByRole('radio', { name: /PostgreSQL/ })).toBeTruthy();
    expect(within(dialog).queryByRole('radio', { name: /Files/ })).toBeNull();
  });
});
