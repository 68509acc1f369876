import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import type { CatalogTable, Connection } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys, useConnections, useMay, useMe } from '../queries';
import { IconButton } from '../ui/button';
import { ErrorNote } from '../ui/note';
import { Confirm } from './Confirm';
import { ConnectionDialog } from './ConnectionDialog';
import { ConnectionTree } from './ConnectionTree';
import { Conversations } from './Conversations';
import { FirstData } from './FirstData';
import { Section } from './Section';
import { WorkspaceSwitcher } from './WorkspaceSwitcher';

interface SidebarProps {
  /** The conversation whose panel is in front. */
  conversation: string | null;
}

/** Lab's left side: the workspace, its conversations and its connections. */
export function Sidebar({ conversation }: SidebarProps): JSX.Element {
  const me = useMe();
  const error = errorOf(me);
  if (error) {
    return (
      <div className="da-side">
        <div className="da-side-section">
          <ErrorNote error={error} retry={() => void me.refetch()} />
        </div>
      </div>
    );
  }
  if (!me.data) {
    return (
      <div className="da-side">
        <div className="da-side-section" role="status" aria-label={t('Loading')}>
          <div className="da-skel da-skel--line" />
        </div>
      </div>
    );
  }
  return <Content workspaceId={me.data.workspace_id} conversation={conversation} />;
}

function Content({ workspaceId, conversation }: { workspaceId: string; conversation: string | null }): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  return (
    <nav className="da-side" aria-label="DataAsk">
      <WorkspaceSwitcher workspaceId={workspaceId} onSearch={() => search.current?.focus()} />
      <div className="da-side-scroll">
        <Conversations key={`conversations ${workspaceId}`} workspaceId={workspaceId} current={conversation} />
        <Connections key={`connections ${workspaceId}`} workspaceId={workspaceId} search={search} />
      </div>
    </nav>
  );
}

export interface ConnectionsProps {
  workspaceId: string;
  search: React.RefObject<HTMLInputElement>;
  onTable?: ((connection: Connection, table: CatalogTable) => void) | undefined;
}

/** The connections section; also the whole of the notebook's schema browser. */
export function Connections({ workspaceId, search, onTable }: ConnectionsProps): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const connections = useConnections(workspaceId);
  const [text, setText] = useState('');
  const [adding, setAdding] = useState(false);
  const [editing, setEditing] = useState<Connection | null>(null);
  const [deleting, setDeleting] = useState<Connection | null>(null);
  const error = errorOf(connections);
  const mayEdit = useMay('connection.edit', workspaceId);
  return (
    <Section
      title={t('Connections')}
      action={mayEdit && <IconButton icon="plus" label={t('Add connection')} onClick={() => setAdding(true)} />}
    >
      {error && <ErrorNote error={error} retry={() => void connections.refetch()} />}
      {connections.data?.length === 0 && <FirstData workspaceId={workspaceId} />}
      {connections.data !== undefined && connections.data.length > 0 && (
        <>
          <label className="da-input da-side-search">
            <Icon name="search" />
            <input
              ref={search}
              type="text"
              value={text}
              placeholder={t('Search tables and columns')}
              aria-label={t('Search tables and columns')}
              onChange={event => setText(event.target.value)}
              onKeyDown={event => {
                if (event.key === 'Escape' && text !== '') {
                  event.stopPropagation();
                  setText('');
                }
              }}
            />
          </label>
          <ConnectionTree
            workspaceId={workspaceId}
            connections={connections.data}
            search={text}
            edit={mayEdit ? setEditing : undefined}
            remove={mayEdit ? setDeleting : undefined}
            onTable={onTable}
          />
        </>
      )}
      <ConnectionDialog workspaceId={workspaceId} open={adding} onOpenChange={setAdding} />
      {editing && (
        <ConnectionDialog
          workspaceId={workspaceId}
          connection={editing}
          open
          onOpenChange={open => !open && setEditing(null)}
        />
      )}
      {deleting && (
        <Confirm
          title={t('Delete “%1”?', deleting.name)}
          text={t(
            'This removes the connection from the workspace; its conversations stay and can’t be asked further. It can’t be undone. The database itself is not touched.'
          )}
          action={t('Delete connection')}
          typed={deleting.name}
          close={() => setDeleting(null)}
          confirm={async () => {
            await api.deleteConnection(deleting);
            await client.invalidateQueries({ queryKey: keys.connections(workspaceId) });
          }}
        />
      )}
    </Section>
  );
}
