import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { asApiError } from '../../api/problems';
import type { Me } from '../../api/types';
import { t } from '../../i18n';
import { useHost } from '../host';
import { keys, useMe, useWorkspaces } from '../queries';
import { Icon } from '../icons';
import { IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import type { MenuItem } from '../ui/menu';
import { Menu } from '../ui/menu';
import { WorkspaceTile } from '../ui/tile';
import { NewWorkspace } from '../workspace/NewWorkspace';

/** The workspace that the sidebar shows, and the way to another. The server remembers the choice. */
export function WorkspaceSwitcher({
  workspaceId,
  onSearch
}: {
  workspaceId: string;
  onSearch(): void;
}): JSX.Element {
  const { api, panels } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const trigger = useRef<HTMLButtonElement>(null);
  const [making, setMaking] = useState(false);
  const me = useMe();
  const workspaces = useWorkspaces();
  const current = workspaces.data?.find(each => each.id === workspaceId);
  const name = current?.name ?? '';

  // Deleted, or no longer theirs: the server knows which one is next.
  const gone = workspaces.isSuccess && current === undefined;
  useEffect(() => {
    if (gone) {
      void client.invalidateQueries({ queryKey: keys.me });
    }
  }, [client, gone]);

  const choose = async (id: string, chosen: string): Promise<void> => {
    const before = client.getQueryData<Me>(keys.me);
    client.setQueryData<Me>(keys.me, known => known && { ...known, workspace_id: id });
    try {
      client.setQueryData(keys.me, await api.chooseWorkspace(id));
      announce(t('You are in %1 now', chosen));
    } catch (reason) {
      client.setQueryData(keys.me, before);
      announce(asApiError(reason).message, true);
      await client.invalidateQueries({ queryKey: keys.workspaces });
    }
  };

  const items: MenuItem[] = (workspaces.data ?? []).map(each => ({
    key: each.id,
    label: each.name,
    detail: each.personal ? t('Personal') : each.role_name,
    checked: each.id === workspaceId,
    onSelect: () => void choose(each.id, each.name)
  }));
  if (me.data?.server.workspace_creation === true) {
    items.push({ key: 'new', label: t('New workspace …'), icon: 'plus', separated: true, onSelect: () => setMaking(true) });
  }
  if (panels?.openSettings && current) {
    items.push({
      key: 'settings',
      label: t('Workspace settings …'),
      icon: 'settings',
      onSelect: () => panels.openSettings?.({ workspaceId })
    });
  }
  if (panels?.openAudit && current?.permissions.includes('audit.read') === true) {
    items.push({
      key: 'audit',
      label: t('Audit log'),
      icon: 'scroll-text',
      onSelect: () => panels.openAudit?.({ workspaceId })
    });
  }

  return (
    <div className="da-side-top">
      <Menu
        label={t('Workspaces')}
        trigger={
          <button ref={trigger} type="button" className="da-switch">
            <span className="da-sr">{t('Workspace %1. Switch workspace', name)}</span>
            <WorkspaceTile name={name || 'DataAsk'} />
            <b className="da-trunc" aria-hidden="true">
              {name}
            </b>
            <Icon name="chevrons-up-down" />
          </button>
        }
        items={items}
      />
      <span className="da-grow" />
      <IconButton icon="search" label={t('Search tables and columns')} onClick={onSearch} />
      {making && <NewWorkspace close={() => setMaking(false)} returnTo={trigger} />}
    </div>
  );
}
