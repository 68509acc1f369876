import { useQueryClient } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Connection, Conversation, ConversationDetail, ConversationUpdate } from '../../api/types';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { keys, useMay, useMayAsk } from '../queries';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import type { MenuItem } from '../ui/menu';
import { Menu } from '../ui/menu';
import { ErrorNote } from '../ui/note';
import { Popover } from '../ui/popover';

interface ChatHeaderProps {
  workspaceId: string;
  conversation: ConversationDetail | undefined;
  connection: Connection | undefined;
  connections: Connection[];
  narrow: boolean;
  onConnection(id: string): void;
  newTopic(): void;
}

const KINDS: Record<string, string> = { duckdb: 'DuckDB', sqlite: 'SQLite', postgresql: 'PostgreSQL' };

export function ChatHeader(props: ChatHeaderProps): JSX.Element {
  const { conversation, connection, connections, narrow, onConnection, newTopic, workspaceId } = props;
  const { api, surface } = useHost();
  const client = useQueryClient();
  const [error, setError] = useState<ApiError | null>(null);
  const mayEdit = useMay('conversation.edit', workspaceId);
  const mayAsk = useMayAsk(workspaceId);

  const change = async (update: ConversationUpdate): Promise<void> => {
    if (!conversation) {
      return;
    }
    try {
      const changed: Conversation = await api.updateConversation(conversation, update);
      client.setQueryData<ConversationDetail>(keys.conversation(workspaceId, conversation.id), detail =>
        detail && { ...detail, ...changed, messages: detail.messages }
      );
      await client.invalidateQueries({ queryKey: keys.conversations(workspaceId) });
    } catch (reason) {
      setError(asApiError(reason));
      await client.invalidateQueries({ queryKey: keys.conversation(workspaceId, conversation.id) });
    }
  };
  const pick = (id: string): void => {
    if (conversation) {
      void change({ connection_id: id });
    } else {
      onConnection(id);
    }
  };
  const choices: MenuItem[] = connections.map(each => ({
    key: each.id,
    label: each.name,
    detail: KINDS[each.kind] ?? each.kind,
    icon: 'database',
    checked: each.id === connection?.id,
    onSelect: () => pick(each.id)
  }));

  const problem = (
    <Dialog open={error !== null} onOpenChange={() => setError(null)} title={t('That wasn’t saved')}>
      {error && <ErrorNote error={error} />}
    </Dialog>
  );

  if (surface === 'notebook' || narrow) {
    return (
      <header className="da-chat-head">
        <span className="da-chat-logo">
          <Icon name="logo" />
        </span>
        <h2 className="da-trunc">{narrow ? (conversation?.title || (connection?.name ?? 'DataAsk')) : (connection?.name ?? 'DataAsk')}</h2>
        {connection && !narrow && <span className="da-meta da-trunc">{facts(connection)}</span>}
        <span className="da-grow" />
        {mayAsk && <IconButton icon="plus" label={t('New topic')} onClick={newTopic} />}
        {choices.length > 1 && mayEdit && (
          <Menu
            label={t('Connections')}
            align="end"
            trigger={<IconButton icon="ellipsis" label={t('Choose a connection')} />}
            items={choices}
          />
        )}
        {problem}
      </header>
    );
  }
  return (
    <header className="da-toolbar">
      <Title conversation={conversation} rename={mayEdit ? title => void change({ title }) : undefined} />
      <span className="da-grow" />
      <Menu
        label={t('Connections')}
        align="end"
        trigger={
          <button type="button" className="da-chip" disabled={choices.length === 0 || !mayEdit}>
            <Icon name="database" />
            <span className="da-trunc">{connection?.name ?? t('No connection')}</span>
            <Icon name="chevron-down" />
          </button>
        }
        items={choices}
      />
      <Popover
        label={t('Embedded engine')}
        align="end"
        trigger={
          <button type="button" className="da-chip da-wide-only">
            <Icon name="zap" />
            {t('Embedded engine')}
            <Icon name="chevron-down" />
          </button>
        }
      >
        <b>{t('Embedded engine')}</b>
        <p className="da-muted">
          {t('Reads your question on this server, from the names, types and values of the tables. Nothing leaves it, and the same question gets the same answer.')}
        </p>
      </Popover>
      {mayAsk && (
        <>
          <span className="da-sep" />
          <Button small icon="plus" onClick={newTopic}>
            {t('New topic')}
          </Button>
        </>
      )}
      {problem}
    </header>
  );
}

function facts(connection: Connection): string {
  const parts = [KINDS[connection.kind] ?? connection.kind];
  if (connection.status.table_count !== null) {
    parts.push(tn('%1 table', '%1 tables', connection.status.table_count));
  }
  return `${parts.join(', ')} · ${t('read-only')}`;
}

/** The conversation's name; the pencil or F2 changes it. */
function Title({
  conversation,
  rename
}: {
  conversation: ConversationDetail | undefined;
  /** Absent for those who may not. */
  rename: ((title: string) => void) | undefined;
}): JSX.Element {
  const [draft, setDraft] = useState<string | null>(null);
  if (!conversation) {
    return <h1 className="da-title">{t('New conversation')}</h1>;
  }
  const save = (): void => {
    const title = draft?.trim() ?? '';
    if (title !== '' && title !== conversation.title) {
      rename?.(title);
    }
    setDraft(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      save();
    } else if (event.key === 'Escape') {
      setDraft(null);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  if (draft !== null) {
    return (
      <input
        className="da-input da-title-input"
        aria-label={t('Name of the conversation')}
        value={draft}
        maxLength={120}
        autoFocus
        onChange={event => setDraft(event.target.value)}
        onBlur={save}
        onKeyDown={onKeyDown}
      />
    );
  }
  return (
    <>
      <h1 className="da-title da-trunc" title={conversation.title}>
        {conversation.title || t('New conversation')}
      </h1>
      {rename && (
        <IconButton icon="pencil" label={t('Rename conversation')} onClick={() => setDraft(conversation.title)} />
      )}
    </>
  );
}
