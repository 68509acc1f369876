import type { ReactNode } from 'react';

import type { CatalogColumn, Connection } from '../../api/types';
import { clock, duration } from '../../format';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import type { IconName } from '../icons';
import { Icon } from '../icons';
import { useMayAsk } from '../queries';
import { IconButton } from '../ui/button';
import { Menu } from '../ui/menu';
import { SourceTile } from '../ui/tile';
import type { Source, TreeNode } from './tree';

const COLUMN_ICONS: Record<CatalogColumn['kind'], IconName> = {
  integer: 'hash',
  number: 'hash',
  text: 'type',
  boolean: 'check',
  date: 'calendar',
  datetime: 'calendar',
  time: 'clock',
  binary: 'lock',
  json: 'code',
  other: 'circle'
};

interface NodeLineProps {
  node: TreeNode;
  focusable: boolean;
  selected: boolean;
  refreshing: boolean;
  activate(): void;
  toggle(): void;
  onFocus(): void;
  refresh(connection: Connection): Promise<void>;
  edit: ((connection: Connection) => void) | undefined;
  remove: ((connection: Connection) => void) | undefined;
  children: ReactNode;
}

/** One line of the tree, with what belongs under it. */
export function NodeLine(props: NodeLineProps): JSX.Element {
  const { node, focusable, selected, activate, toggle, onFocus, children } = props;
  return (
    <>
      <li
        role="treeitem"
        aria-level={node.level}
        aria-selected={selected}
        {...(node.expanded === undefined ? {} : { 'aria-expanded': node.expanded })}
        tabIndex={focusable ? 0 : -1}
        className={`da-item da-tree-item da-tree-${node.kind}`}
        style={{ paddingLeft: 8 + (node.level - 1) * 14 }}
        title={titleOf(node)}
        onClick={activate}
        onFocus={onFocus}
      >
        {node.expanded === undefined ? (
          <span className="da-tree-gap" />
        ) : (
          <span
            className="da-tree-arrow"
            onClick={event => {
              event.stopPropagation();
              toggle();
            }}
          >
            <Icon name={node.expanded ? 'chevron-down' : 'chevron-right'} />
          </span>
        )}
        <NodeContent {...props} />
      </li>
      {children}
    </>
  );
}

function titleOf(node: TreeNode): string | undefined {
  if (node.kind === 'table') {
    return node.table.comment ?? undefined;
  }
  return node.kind === 'column' ? (node.column.comment ?? undefined) : undefined;
}

function NodeContent(props: NodeLineProps): JSX.Element {
  const { node } = props;
  switch (node.kind) {
    case 'connection':
      return <ConnectionContent {...props} source={node.source} />;
    case 'schema':
      return (
        <>
          <Icon name="layers" />
          <span className="da-trunc">{node.label}</span>
          <span className="da-meta">{tn('%1 table', '%1 tables', node.count)}</span>
        </>
      );
    case 'table':
      return (
        <>
          <Icon name="table-2" {...(node.table.type === 'view' ? { label: t('View') } : {})} />
          <span className="da-trunc">{node.label}</span>
          {node.table.row_estimate !== null && (
            <span className="da-meta da-num" title={t('rows')}>
              {node.table.row_estimate.toLocaleString()}
            </span>
          )}
        </>
      );
    case 'column': {
      const { column } = node;
      const reference = column.references;
      return (
        <>
          <Icon name={COLUMN_ICONS[column.kind]} />
          <span className="da-trunc">{column.name}</span>
          <span className="da-tree-keys">
            {column.primary_key && <Icon name="key-round" label={t('Primary key')} />}
            {reference && <Icon name="link" label={t('Points to %1.%2', reference.table, reference.column)} />}
          </span>
          <span className="da-meta">{column.type.toLowerCase()}</span>
        </>
      );
    }
    case 'more':
      return (
        <>
          <Icon name="ellipsis" />
          <span className="da-muted">{tn('%1 more table', '%1 more tables', node.count)}</span>
        </>
      );
    case 'loading':
      return (
        <>
          <Icon name="loader-circle" className="da-spin" />
          <span className="da-muted">{t('Reading the tables …')}</span>
        </>
      );
    case 'none':
      return <span className="da-muted">{t('No tables')}</span>;
  }
}

const STATES = {
  ok: { dot: 'da-dot--ok', label: 'Connected' },
  failed: { dot: 'da-dot--bad', label: 'Not reachable' },
  unknown: { dot: '', label: 'Not checked yet' }
} as const;

function ConnectionContent({
  node,
  source,
  refreshing,
  refresh,
  edit,
  remove
}: NodeLineProps & { source: Source }): JSX.Element {
  const { panels } = useHost();
  const { connection } = source;
  const mayAsk = useMayAsk(connection.workspace_id);
  const { state, latency_ms: latency } = connection.status;
  const words = STATES[source.error === null ? state : 'failed'];
  return (
    <>
      <SourceTile kind={connection.kind} />
      <b className="da-trunc">{node.label}</b>
      <span className="da-grow" />
      <span className="da-tree-actions" onClick={event => event.stopPropagation()}>
        <Menu
          label={t('Actions for %1', connection.name)}
          align="end"
          trigger={<IconButton icon="ellipsis" label={t('Actions for %1', connection.name)} tabIndex={-1} />}
          items={[
            ...(panels && mayAsk
              ? [
                  {
                    key: 'ask',
                    label: t('Ask'),
                    icon: 'message-square-text' as const,
                    onSelect: () =>
                      panels.openChat({ workspaceId: connection.workspace_id, connectionId: connection.id, conversationId: null })
                  }
                ]
              : []),
            { key: 'refresh', label: t('Refresh'), icon: 'refresh-cw', onSelect: () => void refresh(connection) },
            ...(edit ? [{ key: 'edit', label: t('Change'), icon: 'pencil' as const, onSelect: () => edit(connection) }] : []),
            ...(remove
              ? [
                  {
                    key: 'delete',
                    label: t('Delete'),
                    icon: 'trash-2' as const,
                    danger: true,
                    onSelect: () => remove(connection)
                  }
                ]
              : [])
          ]}
        />
      </span>
      {latency !== null && state === 'ok' && <span className="da-meta da-tree-latency">{duration(latency)}</span>}
      {refreshing ? (
        <Icon name="loader-circle" className="da-spin" label={t('Checking')} />
      ) : (
        <span className={`da-dot ${words.dot}`} role="img" aria-label={t(words.label)} title={t(words.label)} />
      )}
    </>
  );
}

/** Why a source can't be read, right under it. */
export function ConnectionProblem({
  source,
  refresh,
  edit
}: {
  source: Source;
  refresh(connection: Connection): Promise<void>;
  edit: ((connection: Connection) => void) | undefined;
}): JSX.Element | null {
  const { connection } = source;
  const { status } = connection;
  const detail = source.error ?? (status.state === 'failed' ? status.detail : null);
  if (detail === null) {
    return null;
  }
  return (
    <li role="treeitem" aria-level={2} aria-selected={false} className="da-tree-problem">
      <div className="da-note da-note--error">
        <b>{t('Can’t open the source')}</b>
        <span className="da-muted">
          {detail}
          {status.checked_at !== null && ` ${t('Checked %1.', clock(new Date(status.checked_at)))}`}
        </span>
        <span className="da-row">
          {edit && (
            <button type="button" className="da-link" onClick={() => edit(connection)}>
              {t('Change the settings')}
            </button>
          )}
          <button type="button" className="da-link" onClick={() => void refresh(connection)}>
            {t('Check again')}
          </button>
        </span>
      </div>
    </li>
  );
}
