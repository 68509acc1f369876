import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';

import { Icon } from '../../components/icons';
import { keys, useWorkspace } from '../../components/queries';
import { WorkspaceSettings } from '../../components/workspace/WorkspaceSettings';
import { t } from '../../i18n';
import type { WorkspaceTab } from '../paths';
import { Link, useRouter, useTitle } from '../router';

const AuditLog = lazy(() => import('../../components/audit/AuditLog').then(part => ({ default: part.AuditLog })));

/** A workspace's settings, members, invitations and roles. */
export function Workspace({ id, tab }: { id: string; tab: WorkspaceTab | null }): JSX.Element {
  const { go } = useRouter();
  const client = useQueryClient();
  const workspace = useWorkspace(id);
  useTitle(workspace?.name ?? t('Workspace'));
  if (tab === 'audit') {
    return (
      <main className="da-workspace-page">
        <Link className="da-back" to={{ page: 'workspace', id, tab: null }}>
          <Icon name="chevron-left" />
          {t('Settings of %1', workspace?.name ?? '')}
        </Link>
        <Suspense fallback={<p className="da-sr">{t('Loading')}</p>}>
          <AuditLog workspaceId={id} />
        </Suspense>
      </main>
    );
  }
  return (
    <main className="da-workspace-page">
      <WorkspaceSettings
        workspaceId={id}
        tab={tab ?? undefined}
        onTab={next => go({ page: 'workspace', id, tab: next }, { replace: true })}
        onGone={() => {
          void client.invalidateQueries({ queryKey: keys.workspaces });
          void client.invalidateQueries({ queryKey: keys.me });
          go({ page: 'home' });
        }}
      />
    </main>
  );
}
