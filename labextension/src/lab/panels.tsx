import { useEffect, useRef } from 'react';

import type { Conversation } from '../api/types';
import { Chat } from '../components/chat/Chat';
import type { ChatTarget, TableTarget } from '../components/host';
import { Root } from '../components/host';
import { errorOf, useConversation, useMe } from '../components/queries';
import { Sidebar } from '../components/sidebar/Sidebar';
import { TablePanel } from '../components/table/TablePanel';
import { ErrorNote } from '../components/ui/note';
import type { IDataAsk } from './tokens';

interface ChatPanelProps {
  service: IDataAsk;
  target: ChatTarget;
  onConversation(workspaceId: string, conversation: Conversation | null): void;
  onTitle(title: string | null): void;
}

export function ChatPanel(props: ChatPanelProps): JSX.Element {
  const { service } = props;
  return (
    <Root host={service.host} client={service.client}>
      <InWorkspace {...props} />
    </Root>
  );
}

/** A panel without a workspace takes the one that the user is in. */
function InWorkspace(props: ChatPanelProps): JSX.Element | null {
  const { target, onConversation, onTitle } = props;
  const me = useMe();
  const error = errorOf(me);
  // The one it began in: it stays there when the user goes to another.
  const begun = useRef<string>();
  begun.current ??= target.workspaceId ?? me.data?.workspace_id;
  const workspaceId = target.workspaceId ?? begun.current;
  if (workspaceId === undefined) {
    return error && <ErrorNote error={error} retry={() => void me.refetch()} />;
  }
  return (
    <>
      <TabTitle workspaceId={workspaceId} conversationId={target.conversationId ?? null} onTitle={onTitle} />
      <Chat
        workspaceId={workspaceId}
        conversationId={target.conversationId ?? null}
        connectionId={target.connectionId ?? null}
        draft={target.draft}
        onConversation={conversation => onConversation(workspaceId, conversation)}
      />
    </>
  );
}

/** The tab bears the conversation's name, whoever changes it. */
function TabTitle({
  workspaceId,
  conversationId,
  onTitle
}: {
  workspaceId: string;
  conversationId: string | null;
  onTitle(title: string | null): void;
}): null {
  const title = useConversation(workspaceId, conversationId).data?.title;
  useEffect(() => {
    if (title !== undefined) {
      onTitle(title);
    }
  }, [onTitle, title]);
  return null;
}

export function SidebarPanel({ service }: { service: IDataAsk }): JSX.Element {
  return (
    <Root host={service.host} client={service.client}>
      <Sidebar conversation={service.current} />
    </Root>
  );
}

export function TableContent({ service, target }: { service: IDataAsk; target: TableTarget }): JSX.Element {
  return (
    <Root host={service.host} client={service.client}>
      <TablePanel target={target} />
    </Root>
  );
}
