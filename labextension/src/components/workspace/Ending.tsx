import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { Workspace } from '../../api/types';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { keys } from '../queries';
import { Confirm } from '../sidebar/Confirm';
import { Button } from '../ui/button';
import { useAnnounce } from '../ui/live';

/** Leaving a workspace, and deleting it for everybody. */
export function Ending({
  workspace,
  onGone
}: {
  workspace: Workspace;
  onGone?: (() => void) | undefined;
}): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const [asking, setAsking] = useState<'leave' | 'delete' | null>(null);
  const mayDelete = workspace.permissions.includes('workspace.delete');

  const gone = async (words: string): Promise<void> => {
    announce(words);
    // The server chooses where to go on; what is cached of this workspace isn't theirs any more.
    await client.invalidateQueries({ queryKey: keys.me });
    await client.invalidateQueries({ queryKey: keys.workspaces });
    client.removeQueries({ queryKey: [workspace.id] });
    onGone?.();
  };

  if (workspace.personal) {
    return (
      <section className="da-ending" aria-label={t('Leaving and deleting')}>
        <p className="da-hint">
          {t('This is your own workspace: only you are in it, and it can’t be left or deleted.')}
        </p>
      </section>
    );
  }
  return (
    <section className="da-ending" aria-label={t('Leaving and deleting')}>
      <div className="da-ending-row">
        <div className="da-grow">
          <h2>{t('Leave this workspace')}</h2>
          <p className="da-hint">{t('Your conversations here stay and can’t be read by others. Somebody has to invite you again.')}</p>
        </div>
        <Button icon="log-out" onClick={() => setAsking('leave')}>
          {t('Leave')}
        </Button>
      </div>
      {mayDelete && (
        <div className="da-ending-row">
          <div className="da-grow">
            <h2>{t('Delete this workspace')}</h2>
            <p className="da-hint">{t('For everybody, with all that is in it. Your databases are not touched.')}</p>
          </div>
          <Button className="da-btn--loss" icon="trash-2" onClick={() => setAsking('delete')}>
            {t('Delete workspace')}
          </Button>
        </div>
      )}
      {asking === 'leave' && (
        <Confirm
          title={t('Leave “%1”?', workspace.name)}
          text={t('You won’t see its connections and conversations any more. Somebody has to invite you again.')}
          action={t('Leave workspace')}
          busyWords={t('Leaving …')}
          keepWords={t('Stay')}
          close={() => setAsking(null)}
          confirm={async () => {
            await api.leaveWorkspace(workspace.id);
            await gone(t('You left %1', workspace.name));
          }}
        />
      )}
      {asking === 'delete' && (
        <Confirm
          title={t('Delete “%1”?', workspace.name)}
          text={lossOf(workspace)}
          action={t('Delete workspace')}
          typed={workspace.name}
          close={() => setAsking(null)}
          confirm={async () => {
            await api.deleteWorkspace(workspace, workspace.name);
            await gone(t('%1 was deleted', workspace.name));
          }}
        />
      )}
    </section>
  );
}

function lossOf(workspace: Workspace): string {
  return [
    t(
      'This deletes %1 and all conversations for %2.',
      tn('%1 connection', '%1 connections', workspace.connections),
      workspace.members === 1 ? t('you') : t('all %1 members', workspace.members.toLocaleString())
    ),
    t('It can’t be undone. Your databases are not touched.')
  ].join(' ');
}
