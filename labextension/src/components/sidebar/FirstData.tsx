import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import { t } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { keys, useMay } from '../queries';
import { Button } from '../ui/button';
import { ErrorNote } from '../ui/note';
import { ConnectionDialog } from './ConnectionDialog';

/** A workspace without connections: how to get the first one. */
export function FirstData({ workspaceId }: { workspaceId: string }): JSX.Element {
  const { api, reader } = useHost();
  const client = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const mayEdit = useMay('connection.edit', workspaceId);
  const demo = async (): Promise<void> => {
    setLoading(true);
    setError(null);
    try {
      await api.loadDemo(workspaceId);
      await client.invalidateQueries({ queryKey: keys.connections(workspaceId) });
    } catch (reason) {
      setError(asApiError(reason));
    } finally {
      setLoading(false);
    }
  };
  if (reader) {
    return (
      <div className="da-empty">
        <Icon name="database" size={24} />
        <b>{t('There is no data here yet')}</b>
        <p>{t('Whoever published this page has to add a connection.')}</p>
      </div>
    );
  }
  if (!mayEdit) {
    return (
      <div className="da-empty">
        <Icon name="database" size={24} />
        <b>{t('There is no data here yet')}</b>
        <p>{t('Your role can’t add connections. Ask an owner of the workspace to add one.')}</p>
      </div>
    );
  }
  return (
    <div className="da-empty">
      <Icon name="database" size={24} />
      <b>{t('Connect your first data')}</b>
      <p>{t('A DuckDB or SQLite file that the server can read.')}</p>
      <div className="da-empty-actions">
        <Button small variant="primary" onClick={() => setAdding(true)}>
          {t('Add connection')}
        </Button>
        <Button small variant="ghost" busy={loading ? t('Loading the demo data …') : undefined} onClick={() => void demo()}>
          {t('Try the demo data')}
        </Button>
      </div>
      {error && <ErrorNote error={error} />}
      <ConnectionDialog workspaceId={workspaceId} open={adding} onOpenChange={setAdding} />
    </div>
  );
}
