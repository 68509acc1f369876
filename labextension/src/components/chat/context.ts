import { createContext, useContext } from 'react';

/** What every turn of a conversation needs. */
export interface ChatContextValue {
  workspaceId: string;
  /** Less than 480 px: a phone, or a narrow pane. */
  narrow: boolean;
  ask(question: string): void;
  /** Whether this role can ask; where it can't, nothing offers to. */
  mayAsk: boolean;
  /** Whether this role can change what a conversation keeps: its chart, its rating. */
  mayEdit: boolean;
  /** Puts a question back into the composer. */
  edit(question: string): void;
  /** A newer question is on its way, so digits and buttons of older ones rest. */
  busy: boolean;
}

export const ChatContext = createContext<ChatContextValue | null>(null);

export function useChatContext(): ChatContextValue {
  const value = useContext(ChatContext);
  if (!value) {
    throw new Error('A turn stands in a chat');
  }
  return value;
}
