import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import type { DataAskApi } from '../src/api/api';
import { Chat } from '../src/components/chat/Chat';
import { fakeApi } from './fake';
import * as data from './fixtures';
import * as people from './people';
import { makeHost, show } from './render';

const answered = data.message(1, 'flights per month', { answer: data.answer('bar') });

function chat(role: 'editor' | 'viewer', change: Partial<DataAskApi> = {}): void {
  const api = fakeApi({ messages: [answered], workspaces: async () => [people.shared(role)], ...change });
  show(
    makeHost(api),
    <Chat workspaceId={data.id(2)} conversationId={data.id(300)} connectionId={null} onConversation={vi.fn()} />
  );
}

describe('A conversation', () => {
  it('can be gone on with by an editor', async () => {
    chat('editor');
    expect(await screen.findByRole('button', { name: 'Rename conversation' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Good answer' })).toBeTruthy();
    expect(screen.getByRole('group', { name: 'Suggested next questions' })).toBeTruthy();
    expect(screen.queryByText(/Your role here is/)).toBeNull();
  });

  it('can only be read by a viewer, who learns why', async () => {
    chat('viewer');
    expect(
      await screen.findByText('Your role here is Viewer. Ask an owner for a role that can ask questions.')
    ).toBeTruthy();
    await screen.findByText(data.answer('bar').sentence);
    expect(screen.getByRole('button', { name: /^Ask/ })).toHaveProperty('disabled', true);
    for (const name of ['Rename conversation', 'New topic', 'Good answer', 'Wrong answer']) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
    expect(screen.queryByRole('group', { name: 'Suggested next questions' })).toBeNull();
    // The rows are theirs to see; another chart would be kept for everybody.
    expect(screen.getByRole('radio', { name: 'Table' })).toBeTruthy();
    expect(screen.queryByRole('radio', { name: 'Line' })).toBeNull();
  });
});
