import { useState } from 'react';

import type { Workspace } from '../../api/types';
import { t } from '../../i18n';
import type { SettingsTab } from '../host';
import { useHost } from '../host';
import { Icon } from '../icons';
import { Invitations } from '../members/Invitations';
import { Members } from '../members/Members';
import { errorOf, useMe } from '../queries';
import { Roles } from '../roles/Roles';
import { Button } from '../ui/button';
import { ErrorNote } from '../ui/note';
import type { Tab } from '../ui/tabs';
import { Tabs } from '../ui/tabs';
import { WorkspaceTile } from '../ui/tile';
import { General } from './General';
import { useSettings } from './people';

export interface WorkspaceSettingsProps {
  workspaceId: string;
  /** The tab that opens first. */
  tab?: SettingsTab | undefined;
  onTab?: ((tab: SettingsTab) => void) | undefined;
  /** After the workspace was left or deleted. */
  onGone?: (() => void) | undefined;
}

/** All that can be set of a workspace: its name, its members, who is invited, its roles. */
export function WorkspaceSettings({ workspaceId, tab, onTab, onGone }: WorkspaceSettingsProps): JSX.Element {
  const me = useMe();
  const settings = useSettings(workspaceId);
  const error = errorOf(settings) ?? errorOf(me);
  if (error && !settings.data) {
    return (
      <section className="da-settings" aria-label={t('Workspace settings')}>
        <div className="da-settings-page">
          {error.status === 404 || error.status === 403 ? (
            <Missing />
          ) : (
            <ErrorNote error={error} retry={() => void Promise.all([settings.refetch(), me.refetch()])} />
          )}
        </div>
      </section>
    );
  }
  if (!settings.data || !me.data) {
    return (
      <section className="da-settings" aria-label={t('Workspace settings')}>
        <div className="da-settings-page" role="status" aria-label={t('Loading')}>
          <div className="da-skel da-skel--line" />
          <div className="da-skel da-skel--form" />
        </div>
      </section>
    );
  }
  return <Content workspace={settings.data} tab={tab} onTab={onTab} onGone={onGone} />;
}

/** The one answer for what isn't there and for what isn't yours. */
export function Missing(): JSX.Element {
  return (
    <div className="da-empty">
      <Icon name="lock" size={24} />
      <b>{t('This doesn’t exist, or you can’t see it')}</b>
      <p>{t('Ask an owner of the workspace to invite you, or choose another workspace.')}</p>
    </div>
  );
}

function Content({
  workspace,
  tab,
  onTab,
  onGone
}: Omit<WorkspaceSettingsProps, 'workspaceId'> & { workspace: Workspace }): JSX.Element {
  const { panels } = useHost();
  const [chosen, setChosen] = useState<SettingsTab>('general');
  const may = workspace.permissions;
  const tabs: (Tab & { key: SettingsTab })[] = [
    { key: 'general', label: t('General') },
    { key: 'members', label: t('Members'), count: workspace.members },
    ...(may.includes('invitation.edit') ? [{ key: 'invitations' as const, label: t('Invitations') }] : []),
    { key: 'roles', label: t('Roles') }
  ];
  // Whoever opens the panel anew on another tab means that one, as long as nobody chose here.
  const [asked, setAsked] = useState<SettingsTab | undefined>(undefined);
  if (tab !== asked) {
    setAsked(tab);
    setChosen(tab ?? 'general');
  }
  const shown = tabs.some(each => each.key === chosen) ? chosen : 'general';
  return (
    <section className="da-settings" aria-label={t('Settings of %1', workspace.name)}>
      <div className="da-settings-page">
        <header className="da-settings-head">
          <WorkspaceTile name={workspace.name} />
          <h1 className="da-trunc">{workspace.name}</h1>
          <span className="da-badge">{workspace.role_name}</span>
          <span className="da-grow" />
          {panels?.openAudit && may.includes('audit.read') && (
            <Button icon="scroll-text" onClick={() => panels.openAudit?.({ workspaceId: workspace.id })}>
              {t('Audit log')}
            </Button>
          )}
        </header>
        <Tabs
          label={t('Settings')}
          tabs={tabs}
          value={shown}
          onChange={key => {
            setChosen(key as SettingsTab);
            onTab?.(key as SettingsTab);
          }}
        >
          {shown === 'general' && <General workspace={workspace} onGone={onGone} />}
          {shown === 'members' && <Members workspace={workspace} />}
          {shown === 'invitations' && <Invitations workspace={workspace} />}
          {shown === 'roles' && <Roles workspace={workspace} />}
        </Tabs>
      </div>
    </section>
  );
}
