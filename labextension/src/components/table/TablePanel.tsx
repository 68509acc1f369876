import { useQuery } from '@tanstack/react-query';

import { rows as rowsText } from '../../format';
import { t } from '../../i18n';
import { DataGrid } from '../grid/DataGrid';
import { useRows } from '../grid/useRows';
import type { TableTarget } from '../host';
import { useHost } from '../host';
import { errorOf, useMayAsk } from '../queries';
import { Button } from '../ui/button';
import { ErrorNote } from '../ui/note';
import type { ResultPage } from '../../api/types';

const SAMPLE = 1_000;

/** The first rows of a table. */
export function TablePanel({ target }: { target: TableTarget }): JSX.Element {
  const { api, panels } = useHost();
  const { workspaceId, connectionId, connectionName, tile, table, schemaName } = target;
  const mayAsk = useMayAsk(workspaceId);
  const sample = useQuery({
    queryKey: [workspaceId, 'sample', connectionId, schemaName ?? '', table],
    queryFn: ({ signal }) =>
      api.sample(workspaceId, connectionId, { name: table, schema_name: schemaName }, SAMPLE, { signal })
  });
  const error = errorOf(sample);
  return (
    <section className="da-table-panel" aria-label={t('Table %1', table)}>
      <header className="da-toolbar">
        <span className="da-src" aria-hidden="true">
          {tile}
        </span>
        <h1 className="da-title da-trunc">{connectionName}</h1>
        <span className="da-muted da-trunc">{schemaName === null ? table : `${schemaName}.${table}`}</span>
        {sample.data && <span className="da-meta">{factsOf(sample.data)}</span>}
        <span className="da-grow" />
        <Button small icon="refresh-cw" variant="quiet" onClick={() => void sample.refetch()}>
          {t('Refresh')}
        </Button>
        {panels && mayAsk && (
          <Button
            small
            icon="message-square-text"
            onClick={() =>
              panels.openChat({
                workspaceId,
                connectionId,
                conversationId: null,
                draft: t('How many %1 are there?', table.replaceAll('_', ' '))
              })
            }
          >
            {t('Ask')}
          </Button>
        )}
      </header>
      {error && (
        <div className="da-table-body">
          <ErrorNote error={error} retry={() => void sample.refetch()} />
        </div>
      )}
      {sample.isPending && (
        <div className="da-table-body" role="status" aria-label={t('Loading the rows')}>
          <div className="da-skel da-skel--form" />
        </div>
      )}
      {sample.data && <Rows page={sample.data} label={table} />}
    </section>
  );
}

function factsOf(page: ResultPage): string {
  const shown = page.rows.length;
  return page.truncated || page.total_rows > shown || shown === SAMPLE ? t('first %1', rowsText(shown)) : rowsText(shown);
}

function Rows({ page, label }: { page: ResultPage; label: string }): JSX.Element {
  const { row, rowCount } = useRows(page, null);
  return (
    <div className="da-table-body">
      <DataGrid label={label} columns={page.columns} row={row} rowCount={rowCount} />
    </div>
  );
}
