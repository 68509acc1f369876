import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { createRef } from 'react';
import { describe, expect, it, vi } from 'vitest';

import type { Source, TreeNode } from '../src/components/sidebar/tree';
import { flatten, treeKey } from '../src/components/sidebar/tree';
import { Connections, Sidebar } from '../src/components/sidebar/Sidebar';
import { fakeApi } from './fake';
import * as data from './fixtures';
import { makeHost, show } from './render';

const flights = data.connections[0]!;
const source: Source = { connection: flights, catalog: data.catalog, loading: false, error: null };
const none = new Set<string>();
const labels = (nodes: TreeNode[]): string[] => nodes.map(node => `${'  '.repeat(node.level - 1)}${node.label}`);

describe('flatten', () => {
  it('shows what is open', () => {
    expect(labels(flatten([source], { open: none, whole: none, search: '' }))).toEqual(['flights']);
    const open = new Set([flights.id, `${flights.id}//airlines`]);
    expect(labels(flatten([source], { open, whole: none, search: '' })).slice(0, 4)).toEqual([
      'flights',
      '  airlines',
      '    carrier',
      '    time_hour'
    ]);
  });

  it('has schemas only where there is more than one', () => {
    const tables = data.catalog.tables.map((table, index) => ({ ...table, schema_name: index < 2 ? 'main' : 'raw' }));
    const two = { ...source, catalog: { ...data.catalog, tables } };
    const open = new Set([flights.id, `${flights.id}/raw`]);
    expect(labels(flatten([two], { open, whole: none, search: '' }))).toEqual([
      'flights',
      '  main',
      '  raw',
      '    flights',
      '    planes',
      '    weather'
    ]);
  });

  it('finds tables and columns, and opens what it finds', () => {
    expect(labels(flatten([source], { open: none, whole: none, search: 'PLAN' }))).toEqual(['flights', '  planes']);
    const columns = flatten([source], { open: none, whole: none, search: 'dep_d' });
    expect(labels(columns).slice(0, 3)).toEqual(['flights', '  airlines', '    dep_delay']);
    expect(flatten([source], { open: none, whole: none, search: 'nothing' })).toEqual([]);
  });

  it('shows a hundred tables at first', () => {
    const tables = Array.from({ length: 140 }, (_, index) => ({ ...data.catalog.tables[0]!, name: `t${index}` }));
    const many = { ...source, catalog: { ...data.catalog, tables } };
    const nodes = flatten([many], { open: new Set([flights.id]), whole: none, search: '' });
    expect(nodes.at(-1)).toMatchObject({ kind: 'more', count: 40 });
    expect(flatten([many], { open: new Set([flights.id]), whole: new Set([flights.id]), search: '' })).toHaveLength(141);
  });
});

describe('treeKey', () => {
  const nodes = flatten([source], { open: new Set([flights.id]), whole: none, search: '' });
  const [connection, airlines, airports] = nodes.map(node => node.id) as [string, string, string];
  it('follows the pattern of trees', () => {
    expect(treeKey(nodes, connection, 'ArrowDown')).toEqual({ type: 'focus', id: airlines });
    expect(treeKey(nodes, connection, 'ArrowUp')).toBeNull();
    expect(treeKey(nodes, connection, 'ArrowRight')).toEqual({ type: 'focus', id: airlines });
    expect(treeKey(nodes, connection, 'ArrowLeft')).toEqual({ type: 'close', id: connection });
    expect(treeKey(nodes, airlines, 'ArrowRight')).toEqual({ type: 'open', id: airlines });
    expect(treeKey(nodes, airlines, 'ArrowLeft')).toEqual({ type: 'focus', id: connection });
    expect(treeKey(nodes, connection, 'End')).toEqual({ type: 'focus', id: nodes.at(-1)?.id });
    expect(treeKey(nodes, airlines, 'a')).toEqual({ type: 'focus', id: airports });
    expect(treeKey(nodes, airlines, 'Enter')).toEqual({ type: 'activate', id: airlines });
    expect(treeKey(nodes, airlines, 'F5')).toBeNull();
  });
});

describe('Sidebar', () => {
  it('shows workspace, conversations, connections and what failed', async () => {
    show(makeHost(fakeApi()), <Sidebar conversation={data.conversation.id} />);
    expect(await screen.findByText('Flight analytics')).toBeTruthy();
    const current = await screen.findByRole('button', { name: /Flights per month/, current: 'page' });
    expect(current).toBeTruthy();
    const tree = await screen.findByRole('tree', { name: 'Connections' });
    expect(await within(tree).findByRole('treeitem', { name: /airports/ })).toBeTruthy();
    expect(within(tree).getByText(/events\.duckdb was not found/)).toBeTruthy();
    expect(within(tree).getByRole('img', { name: 'Not reachable' })).toBeTruthy();
  });

  it('opens a table by click and by key, with one tab stop', async () => {
    const host = makeHost(fakeApi());
    show(host, <Sidebar conversation={null} />);
    const item = await screen.findByRole('treeitem', { name: /airports/ });
    fireEvent.click(item);
    expect(host.panels?.openTable).toHaveBeenCalledWith(expect.objectContaining({ table: 'airports', connectionName: 'flights' }));
    const tree = screen.getByRole('tree');
    expect(tree.querySelectorAll('[role="treeitem"][tabindex="0"]')).toHaveLength(1);
    item.focus();
    fireEvent.keyDown(item, { key: 'ArrowRight' });
    expect(await screen.findByRole('treeitem', { name: /dep_delay/ })).toBeTruthy();
    fireEvent.keyDown(item, { key: 'ArrowDown' });
    await waitFor(() => expect(document.activeElement?.textContent).toContain('carrier'));
  });

  it('renames with F2 and deletes after a question', async () => {
    const update = vi.fn(async conversation => conversation);
    const remove = vi.fn(async () => undefined);
    show(makeHost(fakeApi({ updateConversation: update, deleteConversation: remove })), <Sidebar conversation={null} />);
    fireEvent.keyDown(await screen.findByRole('button', { name: /^Worst delays/ }), { key: 'F2' });
    const field = screen.getByRole('textbox', { name: 'Name of the conversation' });
    fireEvent.change(field, { target: { value: 'Best delays' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    await waitFor(() => expect(update).toHaveBeenCalledWith(expect.objectContaining({ id: data.id(310) }), { title: 'Best delays' }));

    fireEvent.click(screen.getByRole('button', { name: 'Delete “Busiest airports”' }));
    expect(remove).not.toHaveBeenCalled();
    fireEvent.click(await screen.findByRole('button', { name: 'Delete conversation' }));
    await waitFor(() => expect(remove).toHaveBeenCalledWith(expect.objectContaining({ id: data.id(312) })));
  });

  it('offers the demo data where there is nothing', async () => {
    const demo = vi.fn(async () => data.connections);
    show(makeHost(fakeApi({ connections_: [], loadDemo: demo })), <Sidebar conversation={null} />);
    fireEvent.click(await screen.findByRole('button', { name: 'Try the demo data' }));
    await waitFor(() => expect(demo).toHaveBeenCalledWith(data.WS));
  });
});

describe('Adding a connection', () => {
  it('tests the settings, shows field errors of the server, and adds', async () => {
    const user = userEvent.setup();
    const create = vi.fn(async (_: string, value: { name: string; kind: string }) => data.connection(8, value.name, value.kind, 'ok'));
    const search = createRef<HTMLInputElement>();
    show(makeHost(fakeApi({ createConnection: create })), <Connections workspaceId={data.WS} search={search} />);
    fireEvent.click(await screen.findByRole('button', { name: 'Add connection' }));
    const dialog = await screen.findByRole('dialog', { name: 'Add a connection' });
    const add = await within(dialog).findByRole('button', { name: 'Add connection' });
    await user.click(add);
    expect(within(dialog).getByText('Name is needed.')).toBeTruthy();
    expect(create).not.toHaveBeenCalled();
    await user.type(within(dialog).getByLabelText('Name'), 'warehouse');
    await user.type(within(dialog).getByLabelText('Path'), '/data/x.duckdb');
    await user.click(within(dialog).getByRole('button', { name: 'Test' }));
    expect(await within(dialog).findByText('Connection works')).toBeTruthy();
    expect(within(dialog).getByText('Read only')).toBeTruthy();
    await user.click(add);
    await waitFor(() =>
      expect(create).toHaveBeenCalledWith(data.WS, { name: 'warehouse', kind: 'duckdb', settings: { path: '/data/x.duckdb' } })
    );
  });
});
