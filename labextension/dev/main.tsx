/** Every state of every surface with a server in memory: open with `#state`, `#state&dark`. Not shipped. */
import '../style/index.css';

import { useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';

import type { Message } from '../src/api/types';
import { AuditLog } from '../src/components/audit/AuditLog';
import { Chat } from '../src/components/chat/Chat';
import type { Host, Plotly, SettingsTab, TableTarget } from '../src/components/host';
import { makeQueryClient, Root } from '../src/components/host';
import { Sidebar, Connections } from '../src/components/sidebar/Sidebar';
import { TablePanel } from '../src/components/table/TablePanel';
import { WorkspaceSettings } from '../src/components/workspace/WorkspaceSettings';
import type { Changes } from '../tests/fake';
import { fakeApi } from '../tests/fake';
import * as data from '../tests/fixtures';
import * as people from '../tests/people';

const [state = 'answer', ...flags] = location.hash.slice(1).split('&');
const dark = flags.includes('dark');
document.documentElement.dataset['lab'] = dark ? 'dark' : 'light';
document.body.dataset['jpThemeLight'] = String(!dark);

const never = new Promise<never>(() => undefined);
const answered = data.message(1, 'How many flights were there per month?', { answer: data.answer('line') });
const bars = data.message(7, 'Which airlines have the worst delays?', { answer: data.answer('bar') });
const STATES: Record<string, Message[]> = {
  answer: [answered, data.running],
  bars: [bars],
  metric: [data.message(1, 'how many flights?', { answer: data.answer('metric') })],
  none: [data.message(1, 'flights to the moon', { answer: data.answer('empty') })],
  clarify: [data.ambiguous, data.misspelt],
  failed: [data.cancelled, data.failed],
  empty: []
};

const changes: Changes = { messages: STATES[state] ?? [answered], message: () => never };
/** Which role the user has in the second workspace, e.g. `#members&admin`. */
const role = flags.find(each => ['owner', 'admin', 'editor', 'viewer'].includes(each));
if (role !== undefined) {
  changes.workspaces = async () => [people.shared(role)];
  changes.workspace = async () => people.shared(role);
  changes.me = async () => ({ ...data.me, workspace_id: data.id(2) });
}
if (state === 'first') {
  changes.connections_ = [];
}
const host: Host = {
  api: fakeApi(changes),
  surface: flags.includes('notebook') || flags.includes('page') ? 'notebook' : 'lab',
  reader: flags.includes('page'),
  insertCell: () => Promise.resolve(true),
  loadPlotly: async () => {
    const url = './plotly.js';
    return ((await import(/* @vite-ignore */ url)) as { default: Plotly }).default;
  },
  panels: { openChat: () => undefined, openTable: () => undefined, openSettings: () => undefined, openAudit: () => undefined }
};
const client = makeQueryClient();

function Schema(): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  const [target, setTarget] = useState<TableTarget | null>(null);
  return (
    <section className="da-schema">
      <div className="da-schema-columns">
        <Connections
          workspaceId={data.WS}
          search={search}
          onTable={(connection, table) =>
            setTarget({
              workspaceId: data.WS,
              connectionId: connection.id,
              connectionName: connection.name,
              tile: 'Dk',
              table: table.name,
              schemaName: null
            })
          }
        />
        {target ? <TablePanel target={target} /> : <p className="da-schema-none">Choose a table.</p>}
      </div>
    </section>
  );
}

function Page(): JSX.Element {
  const [conversation, setConversation] = useState<string | null>(state === 'empty' || state === 'first' ? null : data.id(300));
  if (state === 'sidebar' || state === 'table') {
    return <Sidebar conversation={data.id(300)} />;
  }
  if (['general', 'members', 'invitations', 'roles'].includes(state)) {
    return <WorkspaceSettings workspaceId={data.id(2)} tab={state as SettingsTab} />;
  }
  if (state === 'audit') {
    return <AuditLog workspaceId={data.id(2)} />;
  }
  return state === 'schema' ? (
    <Schema />
  ) : (
    <Chat
      workspaceId={data.WS}
      conversationId={conversation}
      connectionId={null}
      onConversation={next => setConversation(next?.id ?? null)}
    />
  );
}

const lab = host.surface === 'lab' && !['schema'].includes(state);
createRoot(document.getElementById('app')!).render(
  <div className={lab ? 'dev-lab' : flags.includes('page') ? 'dev-page' : 'dev-cell'}>
    {lab && (
      <aside>
        <Root host={host} client={client}>
          <Sidebar conversation={data.id(300)} />
        </Root>
      </aside>
    )}
    <main>
      <Root host={host} client={client} page={flags.includes('page')}>
        {state === 'table' ? (
          <TablePanel
            target={{
              workspaceId: data.WS,
              connectionId: data.id(101),
              connectionName: 'flights',
              tile: 'Dk',
              table: 'flights',
              schemaName: 'main'
            }}
          />
        ) : (
          <Page />
        )}
      </Root>
    </main>
  </div>
);
