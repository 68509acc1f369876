import type { DataAskApi } from '../src/api/api';
import { ApiError } from '../src/api/problems';
import type { AskEvent, Connection, Conversation, Message, Suggestion } from '../src/api/types';
import { fakeAccounts, fakePeople } from './fake-people';
import * as data from './fixtures';

/** Calls that a test wants to see or to change. */
export type Changes = Partial<DataAskApi> & { messages?: Message[]; connections_?: Connection[] };

export const suggestions: Suggestion[] = [
  { text: 'flights per month', source: 'history', times_asked: 3 },
  { text: 'average departure delay by carrier', source: 'schema', times_asked: 0 },
  { text: 'top 10 destinations by number of flights', source: 'schema', times_asked: 0 }
];

/** A server in memory, for tests and for the page that shows every state. */
export function fakeApi({ messages = [], connections_ = data.connections, ...changes }: Changes = {}): DataAskApi {
  const conversations: Conversation[] = [data.conversation, ...data.others];
  const answered = (question: string): Message => data.message(90, question, { answer: data.answer('bar') });
  const api: DataAskApi = {
    ...fakeAccounts(),
    ...fakePeople(),
    loadDemo: async () => data.connections,
    connectionKinds: async () => data.kinds,
    connections: async () => connections_,
    createConnection: async (_, value) => ({ ...data.connection(8, value.name, value.kind, 'ok') }),
    updateConnection: async (connection, change) => ({ ...connection, name: change.name ?? connection.name }),
    deleteConnection: async () => undefined,
    testSettings: async () => data.connection(8, 'x', 'duckdb', 'ok').status,
    testConnection: async connection => connection,
    catalog: async () => data.catalog,
    sample: async () =>
      data.page(
        ['carrier', 'origin', 'dep_delay', 'time_hour', '<img src=x onerror=alert(1)>'],
        Array.from({ length: 200 }, (_, index) => [
          ['UA', 'AA', 'B6', 'DL'][index % 4] ?? '',
          index % 7 === 3 ? null : 'EWR',
          index % 5 === 2 ? null : index * 1.5 - 20,
          `2013-01-01T0${index % 10}:00:00`,
          '<b>bold?</b>'
        ])
      ),
    rows: async () => data.answer('bar').result,
    conversations: async () => conversations,
    conversation: async () => data.detail(messages),
    createConversation: async () => ({ ...data.conversation, title: 'New conversation' }),
    updateConversation: async (conversation, change) => ({ ...conversation, title: change.title ?? conversation.title }),
    deleteConversation: async () => undefined,
    ask: async (_ws, _conversation, question, onEvent: (event: AskEvent) => void) => {
      const message = answered(question);
      onEvent({ type: 'message', message: { ...message, state: 'running', steps: [], answer: null } });
      for (const step of message.steps) {
        onEvent({ type: 'step', step });
      }
      onEvent({ type: 'message', message });
      return message;
    },
    message: async id => messages.find(each => each.id === id) ?? answered('?'),
    stop: async id => ({ ...data.running, id, state: 'cancelled', finished_at: data.running.created_at }),
    chooseChart: async (_, type) => ({ ...data.answer('bar').chart, type, locked: true }),
    rate: async (id, rating) => ({ ...data.message(1, '?'), id, rating }),
    suggestions: async (_, filter) =>
      filter.prefix === undefined
        ? suggestions
        : [
            { text: `${filter.prefix} per week in 2013`, source: 'history', times_asked: 3 },
            { text: `${filter.prefix} per origin and carrier`, source: 'schema', times_asked: 0 },
            { text: `${filter.prefix} per day, last 30 days`, source: 'schema', times_asked: 0 }
          ]
  };
  return { ...api, ...changes };
}

export function problem(kind: string, detail = 'It is so.', status = 500): ApiError {
  return new ApiError({ type: `/problems/${kind}`, title: 'What happened', status, detail, errors: [], extra: {} });
}
