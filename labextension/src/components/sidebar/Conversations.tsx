import { useQueryClient } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';
import { useState } from 'react';

import { asApiError } from '../../api/problems';
import type { Conversation, ConversationDetail } from '../../api/types';
import { moment } from '../../format';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys, useConversations, useMay, useMayAsk } from '../queries';
import { IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { Confirm } from './Confirm';
import { Section } from './Section';

const FIRST = 8;

/** The workspace's conversations, newest first. */
export function Conversations({ workspaceId, current }: { workspaceId: string; current: string | null }): JSX.Element {
  const { api, panels } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const conversations = useConversations(workspaceId);
  const mayAsk = useMayAsk(workspaceId);
  const mayEdit = useMay('conversation.edit', workspaceId);
  const [all, setAll] = useState(false);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<Conversation | null>(null);
  const error = errorOf(conversations);
  const items = conversations.data ?? [];
  const shown = all ? items : items.slice(0, FIRST);

  const rename = async (conversation: Conversation, title: string): Promise<void> => {
    setRenaming(null);
    if (title === '' || title === conversation.title) {
      return;
    }
    try {
      const changed = await api.updateConversation(conversation, { title });
      client.setQueryData<ConversationDetail>(keys.conversation(workspaceId, conversation.id), detail =>
        detail && { ...detail, ...changed, messages: detail.messages }
      );
    } catch (reason) {
      announce(asApiError(reason).message, true);
    }
    await client.invalidateQueries({ queryKey: keys.conversations(workspaceId) });
  };

  return (
    <Section
      title={t('Conversations')}
      action={
        panels &&
        mayAsk && (
          <IconButton
            icon="plus"
            label={t('New conversation')}
            onClick={() => panels.openChat({ workspaceId, conversationId: null })}
          />
        )
      }
    >
      {error && <ErrorNote error={error} retry={() => void conversations.refetch()} />}
      {conversations.isSuccess && items.length === 0 && (
        <p className="da-side-none">{t('No conversations yet')}</p>
      )}
      <ul className="da-list">
        {shown.map(conversation =>
          renaming === conversation.id ? (
            <li key={conversation.id}>
              <Rename conversation={conversation} done={title => void rename(conversation, title)} />
            </li>
          ) : (
            <li key={conversation.id} className="da-item-row">
              <button
                type="button"
                className="da-item"
                aria-current={conversation.id === current ? 'page' : undefined}
                onClick={() => panels?.openChat({ workspaceId, conversationId: conversation.id })}
                onKeyDown={event => {
                  if (!mayEdit) {
                    return;
                  }
                  if (event.key === 'F2') {
                    event.preventDefault();
                    setRenaming(conversation.id);
                  } else if (event.key === 'Delete') {
                    event.preventDefault();
                    setDeleting(conversation);
                  }
                }}
              >
                <Icon name="message-square-text" />
                <span className="da-trunc" title={conversation.title}>
                  {conversation.title || t('New conversation')}
                </span>
                <span className="da-meta">{moment(conversation.updated_at)}</span>
              </button>
              {mayEdit && (
                <span className="da-item-actions">
                  <IconButton
                    icon="pencil"
                    label={t('Rename “%1”', conversation.title)}
                    onClick={() => setRenaming(conversation.id)}
                  />
                  <IconButton
                    icon="trash-2"
                    label={t('Delete “%1”', conversation.title)}
                    onClick={() => setDeleting(conversation)}
                  />
                </span>
              )}
            </li>
          )
        )}
      </ul>
      {items.length > shown.length && (
        <button type="button" className="da-item da-muted" onClick={() => setAll(true)}>
          <Icon name="ellipsis" />
          {tn('%1 more conversation', '%1 more conversations', items.length - shown.length)}
        </button>
      )}
      {deleting && (
        <Confirm
          title={t('Delete “%1”?', deleting.title)}
          text={t('This deletes its questions and answers. It can’t be undone. Your databases are not touched.')}
          action={t('Delete conversation')}
          close={() => setDeleting(null)}
          confirm={async () => {
            await api.deleteConversation(deleting);
            client.removeQueries({ queryKey: keys.conversation(workspaceId, deleting.id) });
            await client.invalidateQueries({ queryKey: keys.conversations(workspaceId) });
            announce(t('Conversation deleted'));
          }}
        />
      )}
    </Section>
  );
}

function Rename({ conversation, done }: { conversation: Conversation; done(title: string): void }): JSX.Element {
  const [title, setTitle] = useState(conversation.title);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      done(title.trim());
    } else if (event.key === 'Escape') {
      done(conversation.title);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <input
      className="da-input da-rename"
      aria-label={t('Name of the conversation')}
      value={title}
      maxLength={120}
      autoFocus
      onFocus={event => event.target.select()}
      onChange={event => setTitle(event.target.value)}
      onBlur={() => done(title.trim())}
      onKeyDown={onKeyDown}
    />
  );
}
