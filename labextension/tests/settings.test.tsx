import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import type { DataAskApi } from '../src/api/api';
import type { Workspace } from '../src/api/types';
import type { SettingsTab } from '../src/components/host';
import { WorkspaceSettings } from '../src/components/workspace/WorkspaceSettings';
import { fakeApi, problem } from './fake';
import * as data from './fixtures';
import * as people from './people';
import { makeHost, show } from './render';

const ID = data.id(2);

function settings(tab: SettingsTab, change: Partial<DataAskApi> = {}, onGone?: () => void): DataAskApi {
  const api = fakeApi(change);
  show(makeHost(api), <WorkspaceSettings workspaceId={ID} tab={tab} onGone={onGone} />);
  return api;
}

describe('Settings', () => {
  it('save only what was changed, on the version that was read', async () => {
    const api = settings('general');
    const update = vi.spyOn(api, 'updateWorkspace');
    const name = await screen.findByLabelText('Name');
    await userEvent.clear(name);
    await userEvent.type(name, 'Retail');
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    await screen.findByText('All changes saved');
    expect(update).toHaveBeenCalledWith(expect.objectContaining({ id: ID, version: 1 }), { name: 'Retail' });
  });

  it('say who saved a newer version, and keep what was typed', async () => {
    const theirs: Workspace = { ...people.shared(), name: 'Retail EU', version: 2 };
    const updateWorkspace = vi
      .fn<DataAskApi['updateWorkspace']>()
      .mockRejectedValueOnce(problem('stale-version', 'A newer one is there.', 412))
      .mockImplementation(async (old, change) => ({ ...old, ...change, version: old.version + 1 }));
    const workspace = vi.fn(async () => people.shared());
    const api = settings('general', { updateWorkspace, workspace });
    vi.spyOn(api, 'audit').mockResolvedValue({ items: [people.records[1]!], next_cursor: null });
    const name = await screen.findByLabelText('Name');
    await userEvent.clear(name);
    await userEvent.type(name, 'Mine');
    workspace.mockResolvedValue(theirs);
    await userEvent.click(screen.getByRole('button', { name: 'Save changes' }));
    expect(await screen.findByText('Jonas Weber saved a newer version')).toBeTruthy();
    expect((name as HTMLInputElement).value).toBe('Mine');
    await userEvent.click(screen.getByRole('button', { name: 'Save mine over it' }));
    await waitFor(() => expect(screen.queryByText(/saved a newer version/)).toBeNull());
    expect(updateWorkspace).toHaveBeenLastCalledWith(theirs, { name: 'Mine' });
  });

  it('delete a workspace only when its name was typed, and name the loss', async () => {
    const onGone = vi.fn();
    const api = settings('general', {}, onGone);
    const remove = vi.spyOn(api, 'deleteWorkspace');
    await userEvent.click(await screen.findByRole('button', { name: 'Delete workspace' }));
    const dialog = await screen.findByRole('dialog', { name: 'Delete “Retail analytics”?' });
    expect(dialog.textContent).toContain('3 connections');
    expect(dialog.textContent).toContain('all 5 members');
    const button = within(dialog).getByRole('button', { name: 'Delete workspace' });
    expect(button).toHaveProperty('disabled', true);
    await userEvent.type(within(dialog).getByLabelText('Type Retail analytics to confirm'), 'Retail analytics');
    await userEvent.click(button);
    await waitFor(() => expect(onGone).toHaveBeenCalled());
    expect(remove).toHaveBeenCalledWith(expect.objectContaining({ id: ID }), 'Retail analytics');
  });

  it('tell the last owner in place why they can’t leave', async () => {
    const detail = 'You are the last owner. Make somebody else an owner first.';
    settings('general', { leaveWorkspace: () => Promise.reject(problem('conflict', detail, 409)) });
    await userEvent.click(await screen.findByRole('button', { name: 'Leave' }));
    const dialog = await screen.findByRole('dialog', { name: 'Leave “Retail analytics”?' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Leave workspace' }));
    expect(await within(dialog).findByText(detail)).toBeTruthy();
  });

  it('say the same for what isn’t there and for what isn’t yours', async () => {
    settings('general', { workspace: () => Promise.reject(problem('not-found', 'x', 404)) });
    expect(await screen.findByText('This doesn’t exist, or you can’t see it')).toBeTruthy();
  });

  it('can be read but not changed by an editor', async () => {
    settings('general', { workspace: async () => people.shared('editor') });
    expect(await screen.findByText('Your role here is Editor. Ask an owner to change these settings.')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Save changes' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Delete workspace' })).toBeNull();
    expect(screen.queryByRole('tab', { name: /Invitations/ })).toBeNull();
  });

  it('move between tabs by arrows', async () => {
    settings('general');
    (await screen.findByRole('tab', { name: 'General' })).focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(screen.getByRole('tab', { name: /Members/, selected: true })).toBe(document.activeElement);
    expect(await screen.findByRole('list', { name: 'Members' })).toBeTruthy();
  });
});

describe('Members', () => {
  it('get another role at once', async () => {
    const api = settings('members');
    const update = vi.spyOn(api, 'updateMember');
    await userEvent.click(await screen.findByRole('button', { name: 'Editor, role of Priya Raman' }));
    await userEvent.click(screen.getByRole('menuitem', { name: /Admin/ }));
    expect(await screen.findByRole('button', { name: 'Admin, role of Priya Raman' })).toBeTruthy();
    expect(update).toHaveBeenCalledWith(ID, people.members[2], 'admin');
  });

  it('keep their role when the server refuses, and the reason stands beside them', async () => {
    const detail = 'You lack permissions of this role.';
    settings('members', { updateMember: () => Promise.reject(problem('forbidden', detail, 403)) });
    await userEvent.click(await screen.findByRole('button', { name: 'Editor, role of Priya Raman' }));
    await userEvent.click(screen.getByRole('menuitem', { name: /Viewer/ }));
    expect(await screen.findByText(detail)).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Editor, role of Priya Raman' })).toBeTruthy();
  });

  it('whose role holds more than yours can’t be touched, nor those whom a group brings', async () => {
    settings('members', { workspace: async () => people.shared('admin') });
    await screen.findByRole('button', { name: 'Editor, role of Priya Raman' });
    expect(screen.queryByRole('button', { name: /role of Mara/ })).toBeNull();
    expect(screen.queryByRole('button', { name: /Tom Okafor/ })).toBeNull();
    expect(screen.getByText('A group of JupyterHub gives this role. It is changed there.')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Editor, role of Priya Raman' }));
    const roles = screen.getAllByRole('menuitem').map(each => each.textContent);
    expect(roles.some(each => each?.startsWith('Owner'))).toBe(false);
    expect(roles.some(each => each?.startsWith('Curator'))).toBe(true);
  });

  it('are removed after a question', async () => {
    const api = settings('members');
    const remove = vi.spyOn(api, 'removeMember');
    await userEvent.click(await screen.findByRole('button', { name: 'Remove Jonas Weber' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Remove from workspace' }));
    await waitFor(() => expect(screen.queryByText('Jonas Weber')).toBeNull());
    expect(remove).toHaveBeenCalledWith(ID, data.id(10));
  });
});

describe('Invitations', () => {
  it('by link show the link once', async () => {
    const api = settings('invitations');
    const create = vi.spyOn(api, 'createInvitation');
    await userEvent.selectOptions(await screen.findByLabelText('Role'), 'editor');
    const uses = screen.getByLabelText('For how many people');
    await userEvent.clear(uses);
    await userEvent.type(uses, '10');
    await userEvent.click(screen.getByRole('button', { name: 'Make a link' }));
    const link: HTMLInputElement = await screen.findByLabelText('The new link');
    expect(link.value).toBe(`${location.origin}/dataask/invitation#Zk3wq0v6yq8x9QaZk3wq0v6`);
    expect(link.readOnly).toBe(true);
    expect(create).toHaveBeenCalledWith(ID, { role: 'editor', max_uses: 10, days: 7 });
    await userEvent.click(screen.getByRole('tab', { name: /Members/ }));
    await userEvent.click(screen.getByRole('tab', { name: /Invitations/ }));
    await screen.findByRole('button', { name: 'Make a link' });
    expect(screen.queryByLabelText('The new link')).toBeNull();
  });

  it('by e-mail go to every address; those refused stay with the reason', async () => {
    const createInvitation = vi.fn<DataAskApi['createInvitation']>(async (_, value) => {
      if (value.email === 'b@aurora.example') {
        throw problem('conflict', 'They are a member already.', 409);
      }
      return { invitation: people.invitations[0]!, link: '/x#y' };
    });
    settings('invitations', { createInvitation });
    const field = await screen.findByLabelText('E-mail addresses');
    await userEvent.type(field, 'a@aurora.example, b@aurora.example c@partner.example');
    await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
    expect(await screen.findByText('b@aurora.example: They are a member already.')).toBeTruthy();
    expect(createInvitation.mock.calls.map(([, value]) => value.email)).toEqual([
      'a@aurora.example',
      'b@aurora.example',
      'c@partner.example'
    ]);
    expect(screen.queryByRole('button', { name: 'Take out a@aurora.example' })).toBeNull();
  });

  it('warn about addresses elsewhere and hold back what is no address', async () => {
    const api = settings('invitations');
    const create = vi.spyOn(api, 'createInvitation');
    const field = await screen.findByLabelText('E-mail addresses');
    await userEvent.type(field, 's.novak@partner.example, nobody ');
    expect(screen.getByText(/s.novak@partner.example is outside aurora.example/)).toBeTruthy();
    expect(screen.getByText('nobody is not an e-mail address.')).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Invite' }));
    expect(create).not.toHaveBeenCalled();
  });

  it('say why an e-mail failed, and send it again', async () => {
    const api = settings('invitations');
    const send = vi.spyOn(api, 'sendInvitation');
    expect(await screen.findByText(/refused the address s.novak@partner.example/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Send again' }));
    expect(await screen.findByText('Sending')).toBeTruthy();
    expect(send).toHaveBeenCalledWith(ID, data.id(60));
  });

  it('end when they are revoked', async () => {
    settings('invitations');
    await userEvent.click(await screen.findByRole('button', { name: 'End the invitation of anyone with the link' }));
    await userEvent.click(await screen.findByRole('button', { name: 'End invitation' }));
    expect(await screen.findByText('Revoked')).toBeTruthy();
  });

  it('go by link alone where the server sends no mail', async () => {
    const me = { ...data.me, server: { ...data.me.server, mail: false } };
    settings('invitations', { me: async () => me });
    expect(await screen.findByText(/This server sends no e-mail/)).toBeTruthy();
    expect(screen.queryByLabelText('E-mail addresses')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Send again' })).toBeNull();
  });
});

describe('Roles', () => {
  it('say in words what each may do', async () => {
    settings('roles');
    const row = await screen.findByRole('row', { name: /^Delete the workspace/ });
    expect(within(row).getAllByRole('cell').map(each => each.textContent)).toEqual(['', '–No', '–No', '–No', '–No']);
    expect(within(row).getByRole('img', { name: 'Yes' })).toBeTruthy();
  });

  it('are made from permissions that you have yourself', async () => {
    const api = settings('roles', { workspace: async () => people.shared('admin') });
    const create = vi.spyOn(api, 'createRole');
    await userEvent.click(await screen.findByRole('button', { name: 'New role' }));
    const dialog = await screen.findByRole('dialog', { name: 'New role' });
    const lacked = within(dialog).getByRole('checkbox', { name: /Delete the workspace/ });
    expect(lacked).toHaveProperty('disabled', true);
    expect(dialog.textContent).toContain('You lack this yourself, so you can’t give it.');
    await userEvent.type(within(dialog).getByLabelText('Name'), 'curator');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create role' }));
    expect(within(dialog).getByText('There is a role of this name already.')).toBeTruthy();
    await userEvent.type(within(dialog).getByLabelText('Name'), ' of data');
    await userEvent.click(within(dialog).getByRole('checkbox', { name: 'Test connections' }));
    await userEvent.click(within(dialog).getByRole('button', { name: 'Create role' }));
    expect((await screen.findAllByText('curator of data')).length).toBeGreaterThan(0);
    expect(create).toHaveBeenCalledWith(ID, {
      name: 'curator of data',
      permissions: ['workspace.read', 'connection.test']
    });
  });

  it('that somebody has stay, and say so', async () => {
    const detail = 'One member has this role. Give them another one first.';
    settings('roles', { deleteRole: () => Promise.reject(problem('conflict', detail, 409)) });
    await userEvent.click(await screen.findByRole('button', { name: 'Delete the role Curator' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Delete role' }));
    expect(await screen.findByText(detail)).toBeTruthy();
  });
});
