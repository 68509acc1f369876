import type { KeyboardEvent, ReactNode } from 'react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import type { Connection, Conversation, Message, Workspace } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, useConnections, useMay, useWorkspace } from '../queries';
import { IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { ChatHeader } from './ChatHeader';
import type { ComposerHandle } from './Composer';
import { Composer } from './Composer';
import type { ChatContextValue } from './context';
import { ChatContext } from './context';
import { ChatEmpty } from './Empty';
import { Progress } from './Steps';
import { Question, Turn } from './Turn';
import { useChat } from './useChat';
import { useNarrow } from './useNarrow';

export interface ChatProps {
  workspaceId: string;
  conversationId: string | null;
  connectionId: string | null;
  draft?: string | undefined;
  /** A question to ask as soon as there is something to ask it of. */
  question?: string | undefined;
  /** The conversation that shows now; null for a new one. */
  onConversation(conversation: Conversation | null): void;
}

/** A conversation with the data of one connection. */
export function Chat(props: ChatProps): JSX.Element {
  const { workspaceId, onConversation } = props;
  const { surface } = useHost();
  const announce = useAnnounce();
  const root = useRef<HTMLElement>(null);
  const log = useRef<HTMLDivElement>(null);
  const composer = useRef<ComposerHandle>(null);
  const narrow = useNarrow(root);

  const [conversationId, setConversationId] = useState(props.conversationId);
  const [chosen, setChosen] = useState(props.connectionId);
  useEffect(() => setConversationId(props.conversationId), [props.conversationId]);
  useEffect(() => setChosen(props.connectionId), [props.connectionId]);

  const connections = useConnections(workspaceId);
  const workspace = useWorkspace(workspaceId);
  const forbidden = whyForbidden(workspace);
  const mayEdit = useMay('conversation.edit', workspaceId);
  const entered = useCallback(
    (conversation: Conversation) => {
      setConversationId(conversation.id);
      onConversation(conversation);
    },
    [onConversation]
  );
  const connectionOfNew = chosen ?? connections.data?.[0]?.id ?? null;
  const chat = useChat({ workspaceId, conversationId, connectionId: connectionOfNew, onConversation: entered });
  const connectionId = chat.conversation?.connection_id ?? connectionOfNew;
  const connection = connections.data?.find(each => each.id === connectionId);

  const newTopic = useCallback(() => {
    setConversationId(null);
    onConversation(null);
    composer.current?.focus();
  }, [onConversation]);

  const { ask, busy, messages } = chat;
  const context = useMemo<ChatContextValue>(
    () => ({
      workspaceId,
      narrow,
      busy,
      ask,
      mayAsk: forbidden === null,
      mayEdit,
      edit: question => composer.current?.put(question)
    }),
    [ask, busy, forbidden, mayEdit, narrow, workspaceId]
  );

  const { draft } = props;
  useEffect(() => {
    if (draft !== undefined && draft !== '') {
      composer.current?.put(draft);
    }
  }, [draft]);

  const { question } = props;
  const askedFirst = useRef<string | null>(null);
  const ready = connectionId !== null && forbidden === null && workspace !== undefined && connections.isSuccess;
  useEffect(() => {
    if (question !== undefined && question !== '' && ready && askedFirst.current !== question) {
      askedFirst.current = question;
      ask(question);
    }
  }, [ask, question, ready]);

  useFollow(log, messages, chat.sending);
  useSpoken(messages, announce);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && busy && !event.defaultPrevented) {
      event.preventDefault();
      event.stopPropagation();
      chat.stop();
    }
  };

  const blocked = forbidden ?? whyBlocked(connections.data, connections.isError);
  const empty = messages.length === 0 && chat.sending === null && chat.unasked === null && !chat.loading;
  const followUp = messages.length > 0 || chat.sending !== null;
  return (
    <ChatContext.Provider value={context}>
      <section
        ref={root}
        className={`da-chat ${narrow ? 'da-chat--narrow' : ''}`}
        aria-label={t('DataAsk chat')}
        onKeyDown={onKeyDown}
      >
        <ChatHeader
          conversation={chat.conversation}
          connection={connection}
          connections={connections.data ?? []}
          workspaceId={workspaceId}
          narrow={narrow}
          onConnection={setChosen}
          newTopic={newTopic}
        />
        {chat.reconnecting && (
          <div className="da-banner" role="status">
            <Icon name="loader-circle" className="da-spin" /> {t('Reconnecting …')}
          </div>
        )}
        <div ref={log} className="da-log" role="log" aria-label={t('Conversation')} aria-live="off" tabIndex={0}>
          <div className="da-log-column">
            {connections.isError && (
              <ErrorNote error={errorOf(connections)!} retry={() => void connections.refetch()} />
            )}
            {chat.loadError && <ErrorNote error={chat.loadError} retry={chat.retryLoad} />}
            {chat.loading && <Skeleton />}
            {empty && !chat.loadError && !connections.isError && connections.isSuccess && (
              <ChatEmpty workspaceId={workspaceId} connection={connection} />
            )}
            {messages.map((message, index) => (
              <Turn key={message.id} message={message} last={index === messages.length - 1} />
            ))}
            {chat.sending !== null && <Sending question={chat.sending} />}
            {chat.unasked && (
              <div className="da-turn">
                <Question text={chat.unasked.question} />
                <ErrorNote error={chat.unasked.error} retry={forbidden === null ? () => ask(chat.unasked?.question ?? '') : undefined} />
              </div>
            )}
            {chat.queue.map((question, index) => (
              <Waiting key={index} question={question} remove={() => chat.unqueue(index)} />
            ))}
          </div>
        </div>
        <Composer
          ref={composer}
          workspaceId={workspaceId}
          connectionId={connectionId}
          placeholder={placeholder(surface, followUp, busy && !narrow, connection)}
          busy={busy}
          blocked={blocked}
          last={messages.at(-1)?.question ?? null}
          started={followUp && !narrow && surface === 'lab' && forbidden === null}
          ask={ask}
          stop={chat.stop}
          newTopic={newTopic}
        />
      </section>
    </ChatContext.Provider>
  );
}

function placeholder(surface: string, followUp: boolean, busy: boolean, connection: Connection | undefined): string {
  if (busy) {
    return t('Ask another question. It waits until this one is done.');
  }
  if (followUp) {
    return t('Ask another question');
  }
  return connection && surface === 'notebook' ? t('Ask about %1', connection.name) : t('Ask a question');
}

/** Why this role can't ask; null while the role isn't known, because the server decides anyway. */
function whyForbidden(workspace: Workspace | undefined): string | null {
  if (!workspace || (workspace.permissions.includes('conversation.edit') && workspace.permissions.includes('query.run'))) {
    return null;
  }
  return t('Your role here is %1. Ask an owner for a role that can ask questions.', workspace.role_name);
}

function whyBlocked(connections: Connection[] | undefined, failed: boolean): string | null {
  if (failed) {
    return t('The connections couldn’t be loaded.');
  }
  return connections?.length === 0 ? t('Add a connection first: there is nothing to ask yet.') : null;
}

/** Stays at the end as long as the reader does; a long answer starts at its question. */
function useFollow(log: React.RefObject<HTMLDivElement>, messages: Message[], sending: string | null): void {
  const last = messages.at(-1);
  const state = `${messages.length} ${last?.id ?? ''} ${last?.state ?? ''} ${last?.steps.length ?? 0} ${sending ?? ''}`;
  useLayoutEffect(() => {
    const element = log.current;
    if (!element || typeof element.scrollTo !== 'function') {
      return;
    }
    const turns = element.querySelectorAll<HTMLElement>('.da-turn');
    const turn = turns[turns.length - 1];
    const end = element.scrollHeight - element.clientHeight;
    const start = turn ? turn.offsetTop - element.offsetTop - 12 : end;
    element.scrollTop = Math.min(end, Math.max(0, start));
  }, [log, state]);
}

/** Each finished step and the answer's sentence are said once. */
function useSpoken(messages: Message[], announce: (text: string, urgent?: boolean) => void): void {
  const said = useRef<Set<string> | null>(null);
  useEffect(() => {
    const last = messages.at(-1);
    if (!last) {
      return;
    }
    const lines = last.steps.filter(step => step.state === 'done').map(step => step.label);
    if (last.state === 'answered' && last.answer) {
      lines.push(last.answer.sentence);
    } else if (last.state === 'clarify' && last.clarification) {
      lines.push(last.clarification.message);
    } else if (last.state === 'failed' && last.problem) {
      lines.push(`${last.problem.title}. ${last.problem.detail}`);
    }
    const fresh = lines.filter(line => said.current?.has(`${last.id} ${line}`) !== true);
    // What was there when the page opened was not just answered.
    const first = said.current === null;
    said.current ??= new Set();
    for (const line of fresh) {
      said.current.add(`${last.id} ${line}`);
    }
    if (!first && fresh.length > 0) {
      announce(fresh.join('. '));
    }
  }, [announce, messages]);
}

function Sending({ question }: { question: string }): JSX.Element {
  return (
    <div className="da-turn">
      <Question text={question} />
      <article className="da-answer" aria-label={t('Answer in progress')} aria-busy="true">
        <span className="da-mark">
          <Icon name="logo" size={18} />
        </span>
        <div className="da-answer-body">
          <Progress steps={[]} />
        </div>
      </article>
    </div>
  );
}

function Waiting({ question, remove }: { question: string; remove(): void }): JSX.Element {
  return (
    <div className="da-question da-question--waiting">
      <span className="da-meta">{t('waits')}</span>
      <p>{question}</p>
      <IconButton icon="x" label={t('Don’t ask this')} onClick={remove} />
    </div>
  );
}

/** Nothing at first: most conversations are there within 150 ms. */
function Skeleton(): ReactNode {
  return (
    <div className="da-skeleton" aria-label={t('Loading the conversation')} role="status">
      <div className="da-skel" />
      <div className="da-skel" />
      <div className="da-skel" />
    </div>
  );
}

