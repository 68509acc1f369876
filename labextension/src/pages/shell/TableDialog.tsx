import { lazy, Suspense } from 'react';

import type { TableTarget } from '../../components/host';
import { Dialog } from '../../components/ui/dialog';
import { t } from '../../i18n';

const TablePanel = lazy(() => import('../../components/table/TablePanel').then(part => ({ default: part.TablePanel })));

/** A table's first rows, over the page that one comes from. */
export function TableDialog({ target, close }: { target: TableTarget; close(): void }): JSX.Element {
  return (
    <Dialog open onOpenChange={close} title={target.table} kind="form">
      <div className="da-table-dialog">
        <Suspense fallback={<p className="da-sr">{t('Loading')}</p>}>
          <TablePanel target={target} />
        </Suspense>
      </div>
    </Dialog>
  );
}
