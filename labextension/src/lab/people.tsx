import { useEffect } from 'react';

import { AuditLog } from '../components/audit/AuditLog';
import type { AuditTarget, SettingsTab, SettingsTarget } from '../components/host';
import { Root } from '../components/host';
import { useWorkspace } from '../components/queries';
import { WorkspaceSettings } from '../components/workspace/WorkspaceSettings';
import type { IDataAsk } from './tokens';

interface Titled {
  service: IDataAsk;
  /** Hears the workspace's name, for the tab. */
  onName(name: string): void;
}

interface SettingsProps extends Titled {
  target: SettingsTarget;
  onTab(tab: SettingsTab): void;
  onGone(): void;
}

export function SettingsContent({ service, target, onName, onTab, onGone }: SettingsProps): JSX.Element {
  return (
    <Root host={service.host} client={service.client}>
      <Name workspaceId={target.workspaceId} onName={onName} />
      <WorkspaceSettings workspaceId={target.workspaceId} tab={target.tab} onTab={onTab} onGone={onGone} />
    </Root>
  );
}

export function AuditContent({ service, target, onName }: Titled & { target: AuditTarget }): JSX.Element {
  return (
    <Root host={service.host} client={service.client}>
      <Name workspaceId={target.workspaceId} onName={onName} />
      <AuditLog workspaceId={target.workspaceId} />
    </Root>
  );
}

function Name({ workspaceId, onName }: { workspaceId: string; onName(name: string): void }): null {
  const name = useWorkspace(workspaceId)?.name;
  useEffect(() => {
    if (name !== undefined) {
      onName(name);
    }
  }, [name, onName]);
  return null;
}
