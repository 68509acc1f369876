import type { UseQueryResult } from '@tanstack/react-query';
import { useQuery } from '@tanstack/react-query';

import type { AuditVerification } from '../../api/types';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys } from '../queries';
import { Button } from '../ui/button';
import { ErrorNote, Note } from '../ui/note';
import { timeIn } from './time';

/** Each check is an act and stands in the log, so it runs once, and again only when somebody asks for it. */
export function useCheck(workspaceId: string | null): UseQueryResult<AuditVerification> {
  const { api } = useHost();
  return useQuery({
    queryKey: keys.auditCheck(workspaceId),
    queryFn: () => api.verifyAudit(workspaceId),
    staleTime: Infinity,
    gcTime: Infinity
  });
}

/** Whether the chain of records is whole, and when that was checked. */
export function CheckBadge({ check, zone }: { check: UseQueryResult<AuditVerification>; zone: string }): JSX.Element {
  return (
    <>
      <span role="status">{check.isFetching ? <Checking /> : check.data && <Found found={check.data} zone={zone} />}</span>
      <Button
        icon="rotate-cw"
        aria-disabled={check.isFetching}
        onClick={() => {
          if (!check.isFetching) {
            void check.refetch();
          }
        }}
      >
        {t('Check again')}
      </Button>
    </>
  );
}

function Checking(): JSX.Element {
  return (
    <span className="da-audit-check">
      <Icon name="loader-circle" className="da-spin" />
      {t('Checking the chain …')}
    </span>
  );
}

function Found({ found, zone }: { found: AuditVerification; zone: string }): JSX.Element {
  return found.intact ? (
    <span className="da-audit-check da-audit-check--good">
      <Icon name="shield-check" />
      {tn('Chain intact, %1 record checked', 'Chain intact, %1 records checked', found.records)} {timeIn(zone, found.at)}
    </span>
  ) : (
    <span className="da-audit-check da-audit-check--bad">
      <Icon name="triangle-alert" />
      {found.first_bad === null
        ? t('Chain broken')
        : t('Chain broken at record %1', found.first_bad.toLocaleString())}
    </span>
  );
}

/** What a broken chain means, or why it couldn't be checked. */
export function CheckNote({ check }: { check: UseQueryResult<AuditVerification> }): JSX.Element | null {
  const error = errorOf(check);
  if (error) {
    return <ErrorNote error={error} retry={() => void check.refetch()} />;
  }
  if (!check.data || check.data.intact) {
    return null;
  }
  return (
    <Note tone="error" title={t('Somebody changed the log outside DataAsk')}>
      {check.data.detail} {t('Records from there on can’t be trusted. Tell whoever runs this server.')}
    </Note>
  );
}
