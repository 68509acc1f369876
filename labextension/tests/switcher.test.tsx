import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { SettingsTarget } from '../src/components/host';
import { Sidebar } from '../src/components/sidebar/Sidebar';
import { fakeApi, problem } from './fake';
import * as data from './fixtures';
import * as people from './people';
import { makeHost, show } from './render';

async function openMenu(): Promise<HTMLElement> {
  await userEvent.click(await screen.findByRole('button', { name: /Switch workspace/ }));
  return screen.findByRole('menu');
}

describe('The workspace switcher', () => {
  it('lists the workspaces with your role and marks the one you are in', async () => {
    show(makeHost(fakeApi()), <Sidebar conversation={null} />);
    await screen.findByText('Flight analytics');
    const menu = await openMenu();
    const [personal, shared] = within(menu).getAllByRole('menuitem');
    expect(personal?.textContent).toContain('Personal');
    expect(within(personal!).getByRole('img', { name: 'Chosen' })).toBeTruthy();
    expect(shared?.textContent).toContain('Owner');
  });

  it('switches, remembers it on the server, and keeps the focus', async () => {
    const chooseWorkspace = vi.fn(async (workspace: string) => ({ ...data.me, workspace_id: workspace }));
    show(makeHost(fakeApi({ chooseWorkspace })), <Sidebar conversation={null} />);
    await screen.findByText('Flight analytics');
    await openMenu();
    await userEvent.click(screen.getByRole('menuitem', { name: /Retail analytics/ }));
    const trigger = await screen.findByRole('button', { name: /^Workspace Retail analytics/ });
    expect(chooseWorkspace).toHaveBeenCalledWith(data.id(2));
    await waitFor(() => expect(document.activeElement).toBe(trigger));
  });

  it('goes back when the server refuses the switch', async () => {
    const chooseWorkspace = vi.fn(async () => Promise.reject(problem('not-found', 'It isn’t there.', 404)));
    show(makeHost(fakeApi({ chooseWorkspace })), <Sidebar conversation={null} />);
    await screen.findByText('Flight analytics');
    await openMenu();
    await userEvent.click(screen.getByRole('menuitem', { name: /Retail analytics/ }));
    await waitFor(() => expect(chooseWorkspace).toHaveBeenCalled());
    expect(await screen.findByRole('button', { name: /^Workspace Flight analytics/ })).toBeTruthy();
  });

  it('makes a workspace in the browser’s time zone and goes into it', async () => {
    const api = fakeApi();
    const createWorkspace = vi.spyOn(api, 'createWorkspace');
    show(makeHost(api), <Sidebar conversation={null} />);
    await screen.findByText('Flight analytics');
    await openMenu();
    await userEvent.click(screen.getByRole('menuitem', { name: /New workspace/ }));
    const dialog = await screen.findByRole('dialog', { name: 'New workspace' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create workspace' }));
    expect(within(dialog).getByText('A workspace needs a name.')).toBeTruthy();
    expect(createWorkspace).not.toHaveBeenCalled();
    await userEvent.type(within(dialog).getByLabelText('Name'), 'Pricing');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create workspace' }));
    expect(await screen.findByRole('button', { name: /^Workspace Pricing/ })).toBeTruthy();
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(createWorkspace).toHaveBeenCalledWith({ name: 'Pricing', time_zone: zone });
  });

  it('offers no new workspace where the server lets nobody make one', async () => {
    const me = { ...data.me, server: { ...data.me.server, workspace_creation: false } };
    show(makeHost(fakeApi({ me: async () => me })), <Sidebar conversation={null} />);
    await screen.findByText('Flight analytics');
    await openMenu();
    expect(screen.queryByRole('menuitem', { name: /New workspace/ })).toBeNull();
  });

  it('opens the settings, and the audit log for those who may read it', async () => {
    const openSettings = vi.fn<(target: SettingsTarget) => void>();
    const openAudit = vi.fn();
    const panels = { openChat: vi.fn(), openTable: vi.fn(), openSettings, openAudit };
    show(makeHost(fakeApi(), { panels }), <Sidebar conversation={null} />);
    await screen.findByText('Flight analytics');
    await openMenu();
    await userEvent.click(screen.getByRole('menuitem', { name: /Workspace settings/ }));
    expect(openSettings).toHaveBeenCalledWith({ workspaceId: data.WS });
    await openMenu();
    await userEvent.click(screen.getByRole('menuitem', { name: 'Audit log' }));
    expect(openAudit).toHaveBeenCalledWith({ workspaceId: data.WS });
  });
});

describe('A viewer', () => {
  const viewer = (change: Parameters<typeof fakeApi>[0] = {}): ReturnType<typeof fakeApi> =>
    fakeApi({
      me: async () => ({ ...data.me, workspace_id: data.id(2) }),
      workspaces: async () => [people.shared('viewer')],
      ...change
    });

  it('sees connections and conversations without the buttons that change them', async () => {
    const panels = { openChat: vi.fn(), openTable: vi.fn(), openSettings: vi.fn(), openAudit: vi.fn() };
    show(makeHost(viewer(), { panels }), <Sidebar conversation={null} />);
    await screen.findByText('Retail analytics');
    await screen.findByText('web_events');
    for (const name of ['Add connection', 'New conversation', 'Change the settings', /^Rename/, /^Delete/]) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    await openMenu();
    expect(screen.queryByRole('menuitem', { name: 'Audit log' })).toBeNull();
    expect(screen.getByRole('menuitem', { name: /Workspace settings/ })).toBeTruthy();
  });

  it('refreshes the tables of a connection without testing it', async () => {
    const testConnection = vi.fn();
    const catalog = vi.fn(async () => data.catalog);
    show(makeHost(viewer({ testConnection, catalog })), <Sidebar conversation={null} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Actions for flights_sqlite' }));
    const menu = await screen.findByRole('menu', { name: 'Actions for flights_sqlite' });
    expect(within(menu).getAllByRole('menuitem').map(each => each.textContent)).toEqual(['Refresh']);
    await userEvent.click(within(menu).getByRole('menuitem', { name: 'Refresh' }));
    await waitFor(() => expect(catalog).toHaveBeenCalledWith(data.id(2), data.id(102), true));
    expect(testConnection).not.toHaveBeenCalled();
  });

  it('reads in the empty workspace whom to ask', async () => {
    show(makeHost(viewer({ connections_: [] })), <Sidebar conversation={null} />);
    expect(await screen.findByText('There is no data here yet')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Try the demo data' })).toBeNull();
  });
});
