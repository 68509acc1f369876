import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { Chat } from '../../components/chat/Chat';
import { useHost } from '../../components/host';
import { errorOf, keys, useConversation, useMe } from '../../components/queries';
import { Sidebar } from '../../components/sidebar/Sidebar';
import { IconButton } from '../../components/ui/button';
import { ErrorNote } from '../../components/ui/note';
import type { Conversation } from '../../api/types';
import { t } from '../../i18n';
import type { Route } from '../paths';
import { useRouter, useTitle } from '../router';
import { Missing } from '../shell/Missing';

type AskRoute = Extract<Route, { page: 'ask' }>;

/** A conversation with the workspace beside it; on a phone, the workspace is a drawer. */
export function Ask({ route }: { route: AskRoute }): JSX.Element {
  const { carried, go } = useRouter();
  const me = useMe();
  const choosing = useWorkspaceOfAddress(route);
  const current = me.data?.workspace_id;
  const workspace = choosing.done ? current : undefined;
  const conversation = useConversation(workspace ?? '', workspace === undefined ? null : route.conversation).data;
  const [drawer, setDrawer] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  useTitle(conversation?.title ?? t('Ask'));

  useEffect(() => setDrawer(false), [route.conversation, route.connection]);

  const entered = useCallback(
    (next: Conversation | null) => {
      if (workspace !== undefined) {
        const id = next?.id ?? null;
        go({ page: 'ask', workspace, conversation: id, connection: null }, { replace: route.conversation === null });
      }
    },
    [go, route.conversation, workspace]
  );

  const closeDrawer = (): void => {
    setDrawer(false);
    opener.current?.focus();
  };

  if (choosing.missing) {
    return <Missing />;
  }
  const error = errorOf(me);
  return (
    <div className="da-askpage">
      <aside
        className={`da-askpage-side ${drawer ? 'is-open' : ''}`}
        aria-label={t('Workspace')}
        onKeyDown={event => {
          if (event.key === 'Escape' && drawer && !event.defaultPrevented) {
            closeDrawer();
          }
        }}
      >
        <div className="da-askpage-close">
          <IconButton icon="x" label={t('Close')} small={false} onClick={closeDrawer} />
        </div>
        {choosing.done && <Sidebar conversation={route.conversation} />}
      </aside>
      <main className="da-askpage-main">
        <h1 className="da-sr">{conversation?.title ?? t('Ask your data')}</h1>
        <div className="da-askpage-open">
          <button
            ref={opener}
            type="button"
            className="da-btn da-btn--quiet"
            aria-expanded={drawer}
            onClick={() => setDrawer(true)}
          >
            {t('Conversations and connections')}
          </button>
        </div>
        {error && <ErrorNote error={error} retry={() => void me.refetch()} />}
        {workspace !== undefined && (
          <div className="da-askpage-chat">
            <Chat
              key={workspace}
              workspaceId={workspace}
              conversationId={route.conversation}
              connectionId={route.connection}
              draft={carried.draft}
              question={carried.ask}
              onConversation={entered}
            />
          </div>
        )}
      </main>
    </div>
  );
}

/** The address names a workspace: switch to it, then follow where the user switches to. */
function useWorkspaceOfAddress(route: AskRoute): { done: boolean; missing: boolean } {
  const { api } = useHost();
  const { go } = useRouter();
  const client = useQueryClient();
  const current = useMe().data?.workspace_id;
  const applied = useRef<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const asked = route.workspace;

  useEffect(() => {
    if (current === undefined) {
      return;
    }
    if (asked !== null && asked !== current && applied.current !== asked) {
      applied.current = asked;
      api.chooseWorkspace(asked).then(
        me => client.setQueryData(keys.me, me),
        () => setRefused(asked)
      );
    } else if (asked !== current && refused === null) {
      applied.current = current;
      go({ page: 'ask', workspace: current, conversation: null, connection: null }, { replace: true, keep: true });
    } else {
      applied.current = current;
    }
  }, [api, asked, client, current, go, refused]);

  return { done: current !== undefined && asked === current, missing: refused !== null && refused === asked };
}
