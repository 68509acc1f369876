import type { AccountsApi } from './accounts';
import type { CallOptions } from './client';
import { part, version } from './client';
import type { PeopleApi } from './people';
import { PeopleClient } from './people';
import { LINES } from './transport';
import type {
  AskEvent,
  Catalog,
  Chart,
  ChartType,
  Connection,
  ConnectionCreate,
  ConnectionKind,
  ConnectionStatus,
  ConnectionUpdate,
  Conversation,
  ConversationCreate,
  ConversationDetail,
  ConversationUpdate,
  Message,
  Page,
  Rating,
  ResultPage,
  Suggestion
} from './types';

export type { CallOptions } from './client';

/** What the components need from a server. They know nothing else about it. */
export interface DataAskApi extends AccountsApi, PeopleApi {
  loadDemo(workspace: string): Promise<Connection[]>;

  connectionKinds(options?: CallOptions): Promise<ConnectionKind[]>;
  connections(workspace: string, options?: CallOptions): Promise<Connection[]>;
  createConnection(workspace: string, value: ConnectionCreate): Promise<Connection>;
  updateConnection(connection: Connection, change: ConnectionUpdate): Promise<Connection>;
  deleteConnection(connection: Connection): Promise<void>;
  testSettings(
    workspace: string,
    value: { kind: string; settings: Record<string, unknown>; connection_id?: string },
    options?: CallOptions
  ): Promise<ConnectionStatus>;
  testConnection(connection: Connection): Promise<Connection>;
  catalog(workspace: string, connection: string, refresh?: boolean, options?: CallOptions): Promise<Catalog>;
  sample(
    workspace: string,
    connection: string,
    table: { name: string; schema_name: string | null },
    limit: number,
    options?: CallOptions
  ): Promise<ResultPage>;
  rows(query: string, offset: number, limit: number, options?: CallOptions): Promise<ResultPage>;

  conversations(workspace: string, options?: CallOptions): Promise<Conversation[]>;
  conversation(workspace: string, id: string, options?: CallOptions): Promise<ConversationDetail>;
  createConversation(workspace: string, value: ConversationCreate): Promise<Conversation>;
  updateConversation(conversation: Conversation, change: ConversationUpdate): Promise<Conversation>;
  deleteConversation(conversation: Conversation): Promise<void>;

  /** Asks; `onEvent` hears each step, the promise has the finished message. */
  ask(
    workspace: string,
    conversation: string,
    question: string,
    onEvent: (event: AskEvent) => void,
    options?: CallOptions
  ): Promise<Message | null>;
  message(id: string, options?: CallOptions): Promise<Message>;
  stop(message: string): Promise<Message>;
  chooseChart(message: string, type: ChartType): Promise<Chart>;
  rate(message: string, rating: Rating | null): Promise<Message>;
  suggestions(
    workspace: string,
    filter: { connection_id?: string | undefined; prefix?: string | undefined },
    options?: CallOptions
  ): Promise<Suggestion[]>;
}

/** The API over any transport. */
export class ApiClient extends PeopleClient implements DataAskApi {
  async loadDemo(workspace: string): Promise<Connection[]> {
    const page: Page<Connection> = await this.send('POST', `workspaces/${part(workspace)}/demo`);
    return page.items;
  }

  connectionKinds(options?: CallOptions): Promise<ConnectionKind[]> {
    return this.list('connection-kinds', options);
  }

  connections(workspace: string, options?: CallOptions): Promise<Connection[]> {
    return this.list(`workspaces/${part(workspace)}/connections`, options);
  }

  createConnection(workspace: string, value: ConnectionCreate): Promise<Connection> {
    return this.send('POST', `workspaces/${part(workspace)}/connections`, { body: value });
  }

  updateConnection(connection: Connection, change: ConnectionUpdate): Promise<Connection> {
    return this.send('PATCH', connectionPath(connection), { body: change, headers: version(connection) });
  }

  async deleteConnection(connection: Connection): Promise<void> {
    await this.send('DELETE', connectionPath(connection));
  }

  testSettings(
    workspace: string,
    value: { kind: string; settings: Record<string, unknown>; connection_id?: string },
    options?: CallOptions
  ): Promise<ConnectionStatus> {
    return this.send('POST', `workspaces/${part(workspace)}/connections/test`, {
      body: value,
      signal: options?.signal
    });
  }

  testConnection(connection: Connection): Promise<Connection> {
    return this.send('POST', `${connectionPath(connection)}/test`);
  }

  catalog(workspace: string, connection: string, refresh = false, options?: CallOptions): Promise<Catalog> {
    return this.send('GET', `workspaces/${part(workspace)}/connections/${part(connection)}/schema`, {
      query: refresh ? { refresh: true } : undefined,
      signal: options?.signal
    });
  }

  sample(
    workspace: string,
    connection: string,
    table: { name: string; schema_name: string | null },
    limit: number,
    options?: CallOptions
  ): Promise<ResultPage> {
    return this.send('GET', `workspaces/${part(workspace)}/connections/${part(connection)}/sample`, {
      query: { table: table.name, schema_name: table.schema_name ?? undefined, limit },
      signal: options?.signal
    });
  }

  rows(query: string, offset: number, limit: number, options?: CallOptions): Promise<ResultPage> {
    return this.send('GET', `queries/${part(query)}/rows`, { query: { offset, limit }, signal: options?.signal });
  }

  conversations(workspace: string, options?: CallOptions): Promise<Conversation[]> {
    return this.list(`workspaces/${part(workspace)}/conversations`, options);
  }

  conversation(workspace: string, id: string, options?: CallOptions): Promise<ConversationDetail> {
    return this.send('GET', `workspaces/${part(workspace)}/conversations/${part(id)}`, { signal: options?.signal });
  }

  createConversation(workspace: string, value: ConversationCreate): Promise<Conversation> {
    return this.send('POST', `workspaces/${part(workspace)}/conversations`, { body: value });
  }

  updateConversation(conversation: Conversation, change: ConversationUpdate): Promise<Conversation> {
    return this.send('PATCH', conversationPath(conversation), { body: change, headers: version(conversation) });
  }

  async deleteConversation(conversation: Conversation): Promise<void> {
    await this.send('DELETE', conversationPath(conversation));
  }

  async ask(
    workspace: string,
    conversation: string,
    question: string,
    onEvent: (event: AskEvent) => void,
    options?: CallOptions
  ): Promise<Message | null> {
    let last: Message | null = null;
    await this.send('POST', `workspaces/${part(workspace)}/conversations/${part(conversation)}/ask`, {
      body: { question },
      headers: { Accept: LINES },
      signal: options?.signal,
      onLine: line => {
        const event = line as AskEvent;
        last = event.message ?? last;
        onEvent(event);
      }
    });
    return last;
  }

  message(id: string, options?: CallOptions): Promise<Message> {
    return this.send('GET', `messages/${part(id)}`, { signal: options?.signal });
  }

  stop(message: string): Promise<Message> {
    return this.send('POST', `messages/${part(message)}/stop`);
  }

  chooseChart(message: string, type: ChartType): Promise<Chart> {
    return this.send('PUT', `messages/${part(message)}/chart`, { body: { type } });
  }

  rate(message: string, rating: Rating | null): Promise<Message> {
    return this.send('POST', `messages/${part(message)}/feedback`, { body: { rating } });
  }

  async suggestions(
    workspace: string,
    filter: { connection_id?: string | undefined; prefix?: string | undefined },
    options?: CallOptions
  ): Promise<Suggestion[]> {
    const found: { items: Suggestion[] } = await this.send('GET', `workspaces/${part(workspace)}/suggestions`, {
      query: filter,
      signal: options?.signal
    });
    return found.items;
  }
}

function connectionPath(connection: Connection): string {
  return `workspaces/${part(connection.workspace_id)}/connections/${part(connection.id)}`;
}

function conversationPath(conversation: Conversation): string {
  return `workspaces/${part(conversation.workspace_id)}/conversations/${part(conversation.id)}`;
}
