import { useQueries, useQueryClient } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';
import { useEffect, useMemo, useRef, useState } from 'react';

import { asApiError } from '../../api/problems';
import type { CatalogTable, Connection } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { keys, useMay } from '../queries';
import { tileOf } from '../ui/tile';
import { useAnnounce } from '../ui/live';
import { ConnectionProblem, NodeLine } from './TreeLine';
import type { Source, TreeNode } from './tree';
import { flatten, treeKey } from './tree';

interface ConnectionTreeProps {
  workspaceId: string;
  connections: Connection[];
  search: string;
  /** Both absent for those who may not. */
  edit: ((connection: Connection) => void) | undefined;
  remove: ((connection: Connection) => void) | undefined;
  onTable?: ((connection: Connection, table: CatalogTable) => void) | undefined;
}

/** Connections, schemas, tables and columns. Tables are read when their connection is opened. */
export function ConnectionTree(props: ConnectionTreeProps): JSX.Element {
  const { workspaceId, connections, search, edit, remove } = props;
  const { api, panels } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const mayTest = useMay('connection.test', workspaceId);
  // A table's panel shows rows.
  const mayRun = useMay('query.run', workspaceId);
  const list = useRef<HTMLUListElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => {
    const first = connections[0];
    return new Set(first && first.status.state !== 'failed' ? [first.id] : []);
  });
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const [current, setCurrent] = useState<string | null>(null);
  const [selected, setSelected] = useState<string | null>(null);
  const [refreshing, setRefreshing] = useState<ReadonlySet<string>>(new Set());
  const moveFocus = useRef(false);
  const searching = search.trim() !== '';

  const catalogs = useQueries({
    queries: connections.map(connection => ({
      queryKey: keys.catalog(workspaceId, connection.id),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.catalog(workspaceId, connection.id, false, { signal }),
      enabled: searching || open.has(connection.id),
      staleTime: 60_000
    }))
  });
  const sources: Source[] = connections.map((connection, index) => {
    const query = catalogs[index];
    return {
      connection,
      catalog: query?.data,
      loading: query?.isFetching === true || refreshing.has(connection.id),
      error: query?.error ? asApiError(query.error).message : null
    };
  });
  const nodes = flatten(sources, { open, whole, search });
  const focusable = useMemo(
    () => (nodes.some(node => node.id === current) ? current : (nodes[0]?.id ?? null)),
    [current, nodes]
  );

  useEffect(() => {
    if (moveFocus.current && focusable !== null) {
      moveFocus.current = false;
      list.current?.querySelector<HTMLElement>('[role="treeitem"][tabindex="0"]')?.focus();
    }
  }, [focusable, nodes.length]);

  const setExpanded = (id: string, expanded: boolean): void => {
    setOpen(before => {
      const after = new Set(before);
      if (expanded) {
        after.add(id);
      } else {
        after.delete(id);
      }
      return after;
    });
  };

  const refresh = async (connection: Connection): Promise<void> => {
    setRefreshing(before => new Set(before).add(connection.id));
    try {
      const tested = mayTest ? await api.testConnection(connection) : connection;
      client.setQueryData<Connection[]>(keys.connections(workspaceId), known =>
        known?.map(each => (each.id === tested.id ? tested : each))
      );
      // Whoever may not test the connection can still have its tables read again.
      if (tested.status.state === 'ok' || !mayTest) {
        const catalog = await api.catalog(workspaceId, connection.id, true);
        client.setQueryData(keys.catalog(workspaceId, connection.id), catalog);
        announce(t('%1: %2 tables', connection.name, catalog.tables.length));
      }
    } catch (error) {
      announce(asApiError(error).message, true);
      await client.invalidateQueries({ queryKey: keys.catalog(workspaceId, connection.id) });
    } finally {
      setRefreshing(before => {
        const after = new Set(before);
        after.delete(connection.id);
        return after;
      });
    }
  };

  const activate = (node: TreeNode): void => {
    setCurrent(node.id);
    setSelected(node.id);
    switch (node.kind) {
      case 'connection':
      case 'schema':
        setExpanded(node.id, node.expanded !== true);
        break;
      case 'table':
        if (!mayRun) {
          setExpanded(node.id, node.expanded !== true);
        } else if (props.onTable) {
          props.onTable(node.source.connection, node.table);
        } else if (panels) {
          panels.openTable({
            workspaceId,
            connectionId: node.source.connection.id,
            connectionName: node.source.connection.name,
            tile: tileOf(node.source.connection.kind),
            table: node.table.name,
            schemaName: node.table.schema_name
          });
        } else {
          setExpanded(node.id, node.expanded !== true);
        }
        break;
      case 'more':
        setWhole(before => new Set(before).add(node.group));
        break;
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || focusable === null) {
      return;
    }
    // Keys inside a row's own buttons and menus are theirs.
    if ((event.target as HTMLElement).getAttribute('role') !== 'treeitem') {
      return;
    }
    const action = treeKey(nodes, focusable, event.key);
    const node = nodes.find(each => each.id === action?.id);
    if (!action || !node) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (action.type) {
      case 'focus':
        moveFocus.current = true;
        setCurrent(action.id);
        break;
      case 'open':
        setExpanded(action.id, true);
        break;
      case 'close':
        setExpanded(action.id, false);
        break;
      case 'activate':
        activate(node);
        break;
    }
  };

  if (searching && nodes.length === 0) {
    return <p className="da-side-none">{t('Nothing called “%1”', search.trim())}</p>;
  }
  return (
    <ul ref={list} role="tree" aria-label={t('Connections')} className="da-tree" onKeyDown={onKeyDown}>
      {nodes.map(node => (
        <NodeLine
          key={node.id}
          node={node}
          focusable={node.id === focusable}
          selected={node.id === selected}
          refreshing={node.kind === 'connection' && refreshing.has(node.id)}
          activate={() => activate(node)}
          toggle={() => setExpanded(node.id, node.expanded !== true)}
          onFocus={() => setCurrent(node.id)}
          refresh={refresh}
          edit={edit}
          remove={remove}
        >
          {node.kind === 'connection' && !searching && (
            <ConnectionProblem source={node.source} refresh={refresh} edit={edit} />
          )}
        </NodeLine>
      ))}
    </ul>
  );
}
