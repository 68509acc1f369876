import { AuditLog } from '../../components/audit/AuditLog';
import { t } from '../../i18n';
import { useTitle } from '../router';

/** What was done on this server outside workspaces, for its administrators. */
export function ServerAudit(): JSX.Element {
  useTitle(t('Audit log of this server'));
  return (
    <main className="da-workspace-page">
      <AuditLog workspaceId={null} />
    </main>
  );
}
