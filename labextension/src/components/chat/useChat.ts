import type { QueryClient } from '@tanstack/react-query';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Conversation, ConversationDetail, Message, Step } from '../../api/types';
import { useHost } from '../host';
import { errorOf, keys, useConversation } from '../queries';

/** A question that never reached the server, with the reason. */
export interface Unasked {
  question: string;
  error: ApiError;
}

export interface ChatState {
  conversation: ConversationDetail | undefined;
  loading: boolean;
  loadError: ApiError | null;
  messages: Message[];
  /** Asked, and nothing has come back yet. */
  sending: string | null;
  /** Waits until the answer above is done. */
  queue: string[];
  unasked: Unasked | null;
  reconnecting: boolean;
  busy: boolean;
  ask(question: string): void;
  stop(): void;
  unqueue(index: number): void;
  retryLoad(): void;
}

interface Options {
  workspaceId: string;
  conversationId: string | null;
  connectionId: string | null;
  onConversation(conversation: Conversation): void;
}

const POLL_MS = 1_000;

/** A conversation and what is going on in it. The cache holds the messages, so all views of one agree. */
export function useChat({ workspaceId, conversationId, connectionId, onConversation }: Options): ChatState {
  const { api } = useHost();
  const client = useQueryClient();
  const query = useConversation(workspaceId, conversationId);
  const [sending, setSending] = useState<string | null>(null);
  const [queue, setQueue] = useState<string[]>([]);
  const [unasked, setUnasked] = useState<Unasked | null>(null);
  const [reconnecting, setReconnecting] = useState(false);
  const streaming = useRef<string | null>(null);
  const stopRequested = useRef(false);

  const messages = query.data?.messages ?? [];
  const running = messages.find(message => message.state === 'running');
  const busy = sending !== null || running !== undefined;

  const run = useCallback(
    async (question: string): Promise<void> => {
      setSending(question);
      setUnasked(null);
      stopRequested.current = false;
      let conversation = conversationId;
      try {
        if (conversation === null) {
          const made = await api.createConversation(workspaceId, { connection_id: connectionId });
          conversation = made.id;
          client.setQueryData<ConversationDetail>(keys.conversation(workspaceId, made.id), { ...made, messages: [] });
          onConversation(made);
        }
        const target = conversation;
        await api.ask(workspaceId, target, question, event => {
          if (event.message) {
            streaming.current = event.message.id;
            upsert(client, workspaceId, target, event.message);
            setSending(null);
            if (stopRequested.current && event.message.state === 'running') {
              stopRequested.current = false;
              void api.stop(event.message.id).catch(() => undefined);
            }
          } else if (event.step && streaming.current !== null) {
            setStep(client, workspaceId, target, streaming.current, event.step);
          }
        });
      } catch (error) {
        // Once the server has the question it goes on without us; polling below picks the answer up.
        if (streaming.current === null) {
          setUnasked({ question, error: asApiError(error) });
        } else {
          setReconnecting(true);
        }
      } finally {
        streaming.current = null;
        setSending(null);
        void client.invalidateQueries({ queryKey: keys.conversations(workspaceId) });
        if (conversation !== null) {
          void refreshTitle(client, api, workspaceId, conversation);
        }
      }
    },
    [api, client, connectionId, conversationId, onConversation, workspaceId]
  );

  const ask = useCallback(
    (question: string): void => {
      if (busy) {
        setQueue(waiting => [...waiting, question]);
      } else {
        void run(question);
      }
    },
    [busy, run]
  );

  useEffect(() => {
    const next = queue[0];
    if (!busy && next !== undefined) {
      setQueue(waiting => waiting.slice(1));
      void run(next);
    }
  }, [busy, queue, run]);

  // A message that runs without a stream: the page was reloaded, or the connection broke.
  const runningId = running?.id;
  useEffect(() => {
    if (runningId === undefined || conversationId === null) {
      setReconnecting(false);
      return undefined;
    }
    const timer = globalThis.setInterval(() => {
      if (streaming.current === runningId) {
        return;
      }
      api.message(runningId).then(
        message => {
          setReconnecting(false);
          upsert(client, workspaceId, conversationId, message);
        },
        () => setReconnecting(true)
      );
    }, POLL_MS);
    return () => globalThis.clearInterval(timer);
  }, [api, client, conversationId, runningId, workspaceId]);

  const stop = useCallback((): void => {
    if (runningId === undefined) {
      stopRequested.current = true;
      return;
    }
    if (conversationId !== null) {
      api.stop(runningId).then(
        message => upsert(client, workspaceId, conversationId, message),
        () => undefined
      );
    }
  }, [api, client, conversationId, runningId, workspaceId]);

  const unqueue = useCallback((index: number) => setQueue(waiting => waiting.filter((_, each) => each !== index)), []);
  const { refetch } = query;
  return {
    conversation: query.data,
    loading: conversationId !== null && query.isPending,
    loadError: conversationId === null ? null : errorOf(query),
    messages,
    sending,
    queue,
    unasked,
    reconnecting,
    busy,
    ask,
    stop,
    unqueue,
    retryLoad: () => void refetch()
  };
}

type Update = (message: Message) => Message;

function patch(client: QueryClient, workspace: string, conversation: string, id: string, update: Update): void {
  client.setQueryData<ConversationDetail>(keys.conversation(workspace, conversation), detail =>
    detail && {
      ...detail,
      messages: detail.messages.map(message => (message.id === id ? update(message) : message))
    }
  );
}

/** Changes one message in the cache, e.g. its chart. */
export function usePatchMessage(workspace: string): (message: Message, update: Update) => void {
  const client = useQueryClient();
  return useCallback(
    (message, update) => patch(client, workspace, message.conversation_id, message.id, update),
    [client, workspace]
  );
}

function upsert(client: QueryClient, workspace: string, conversation: string, message: Message): void {
  client.setQueryData<ConversationDetail>(keys.conversation(workspace, conversation), detail => {
    if (!detail) {
      return detail;
    }
    const known = detail.messages.some(each => each.id === message.id);
    const messages = known
      ? detail.messages.map(each => (each.id === message.id ? newer(each, message) : each))
      : [...detail.messages, message];
    return { ...detail, messages };
  });
}

/** A late report of a message that still ran must not undo its end. */
function newer(known: Message, next: Message): Message {
  return known.state !== 'running' && next.state === 'running' ? known : next;
}

function setStep(client: QueryClient, workspace: string, conversation: string, id: string, step: Step): void {
  patch(client, workspace, conversation, id, message => ({
    ...message,
    steps: message.steps.some(each => each.key === step.key)
      ? message.steps.map(each => (each.key === step.key ? step : each))
      : [...message.steps, step]
  }));
}

/** The server names a conversation after its first question. */
async function refreshTitle(
  client: QueryClient,
  api: { conversations(workspace: string): Promise<Conversation[]> },
  workspace: string,
  id: string
): Promise<void> {
  try {
    const found = (await api.conversations(workspace)).find(each => each.id === id);
    client.setQueryData<ConversationDetail>(keys.conversation(workspace, id), detail =>
      detail && found ? { ...detail, ...found } : detail
    );
  } catch {
    // The title is read again with the next answer.
  }
}
