import '../../style/notebook.css';

import { useRef, useState } from 'react';

import type { TableTarget } from '../components/host';
import { Connections } from '../components/sidebar/Sidebar';
import { TablePanel } from '../components/table/TablePanel';
import { tileOf } from '../components/ui/tile';
import { t } from '../i18n';
import { widget } from './mount';
import { Start } from './Start';

/** What the connections contain, and the first rows of the table that was chosen. */
function SchemaWidget({ workspaceId }: { workspaceId: string }): JSX.Element {
  const search = useRef<HTMLInputElement>(null);
  const [target, setTarget] = useState<TableTarget | null>(null);
  return (
    <section className="da-schema" aria-label={t('Tables and columns')}>
      <div className="da-schema-columns">
        <Connections
          workspaceId={workspaceId}
          search={search}
          onTable={(connection, table) =>
            setTarget({
              workspaceId,
              connectionId: connection.id,
              connectionName: connection.name,
              tile: tileOf(connection.kind),
              table: table.name,
              schemaName: table.schema_name
            })
          }
        />
        {target ? (
          <TablePanel target={target} />
        ) : (
          <p className="da-schema-none">{t('Choose a table to see its first rows.')}</p>
        )}
      </div>
    </section>
  );
}

export default widget(options => (
  <Start workspaceId={options.workspace_id}>{workspaceId => <SchemaWidget workspaceId={workspaceId} />}</Start>
));
