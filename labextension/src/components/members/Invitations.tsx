import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Invitation, Workspace } from '../../api/types';
import { moment } from '../../format';
import { t, tn } from '../../i18n';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys, useMe } from '../queries';
import { Confirm } from '../sidebar/Confirm';
import { Button, IconButton } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { ErrorNote, Note } from '../ui/note';
import { useInvitations, useRoles, within } from '../workspace/people';
import { InviteByLink } from './InviteByLink';
import { InviteByMail } from './InviteByMail';

/** Inviting people, and what became of earlier invitations. */
export function Invitations({ workspace }: { workspace: Workspace }): JSX.Element {
  const me = useMe();
  const roles = useRoles(workspace.id);
  const rolesError = errorOf(roles);
  if (workspace.personal) {
    return (
      <div className="da-empty">
        <Icon name="users" size={24} />
        <b>{t('Nobody else comes into your own workspace')}</b>
        <p>{t('Make a workspace in the workspace menu, and invite people there.')}</p>
      </div>
    );
  }
  if (me.data?.server.mode === 'solo') {
    return (
      <div className="da-empty">
        <Icon name="users" size={24} />
        <b>{t('Only you use this server')}</b>
        <p>{t('Start DataAsk as a team server or behind JupyterHub to work together. The user guide says how.')}</p>
      </div>
    );
  }
  const giveable = (roles.data ?? []).filter(each => within(each, workspace.permissions));
  const mail = me.data?.server.mail === true;
  return (
    <div className="da-settings-parts">
      {rolesError && <ErrorNote error={rolesError} retry={() => void roles.refetch()} />}
      {giveable.length > 0 && (
        <>
          {mail ? (
            <InviteByMail workspace={workspace} roles={giveable} />
          ) : (
            <Note tone="plain">{t('This server sends no e-mail. Make a link and pass it on yourself.')}</Note>
          )}
          <InviteByLink workspace={workspace} roles={giveable} />
        </>
      )}
      <List workspace={workspace} mail={mail} />
    </div>
  );
}

function List({ workspace, mail }: { workspace: Workspace; mail: boolean }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const invitations = useInvitations(workspace.id);
  const [failed, setFailed] = useState<{ id: string; error: ApiError } | null>(null);
  const [ending, setEnding] = useState<Invitation | null>(null);
  const key = keys.invitations(workspace.id);
  const error = errorOf(invitations);
  const items = invitations.data ?? [];

  const send = async (invitation: Invitation): Promise<void> => {
    setFailed(null);
    try {
      const sent = await api.sendInvitation(workspace.id, invitation.id);
      client.setQueryData<Invitation[]>(key, known => known?.map(each => (each.id === sent.id ? sent : each)));
      announce(t('The e-mail goes out again, with a new link'));
    } catch (reason) {
      setFailed({ id: invitation.id, error: asApiError(reason) });
    }
  };

  return (
    <section className="da-part" aria-label={t('Invitations so far')}>
      <h2>{t('Invitations so far')}</h2>
      {error && <ErrorNote error={error} retry={() => void invitations.refetch()} />}
      {invitations.isPending && <div className="da-skel da-skel--form" role="status" aria-label={t('Loading')} />}
      {invitations.isSuccess && items.length === 0 && <p className="da-hint">{t('No invitations yet')}</p>}
      <ul className="da-people">
        {items.map(invitation => (
          <li key={invitation.id}>
            <div className="da-person">
              <span className="da-person-icon">
                <Icon name={invitation.email === null ? 'link' : 'user'} />
              </span>
              <div className="da-grow da-person-name">
                <span className="da-trunc">
                  <b>{invitation.email ?? t('Anyone with the link')}</b>
                </span>
                <small>{factsOf(invitation)}</small>
              </div>
              <State invitation={invitation} />
              {mail && invitation.state === 'open' && invitation.email !== null && invitation.mail !== 'sending' && (
                <Button small onClick={() => void send(invitation)}>
                  {t('Send again')}
                </Button>
              )}
              {invitation.state === 'open' ? (
                <IconButton
                  icon="x"
                  label={t('End the invitation of %1', invitation.email ?? t('anyone with the link'))}
                  onClick={() => setEnding(invitation)}
                />
              ) : (
                <span className="da-person-gap" />
              )}
            </div>
            {invitation.state === 'open' && invitation.mail === 'failed' && (
              <p className="da-hint da-hint--error da-person-note">
                <Icon name="circle-alert" />
                {t('The e-mail wasn’t sent: %1', invitation.mail_problem ?? t('the server gave no reason.'))}
              </p>
            )}
            {failed?.id === invitation.id && (
              <div className="da-person-note">
                <ErrorNote error={failed.error} />
              </div>
            )}
          </li>
        ))}
      </ul>
      {ending && (
        <Confirm
          title={t('End this invitation?')}
          text={t('Its link stops working. Whoever joined with it stays a member.')}
          action={t('End invitation')}
          busyWords={t('Ending …')}
          close={() => setEnding(null)}
          confirm={async () => {
            await api.revokeInvitation(workspace.id, ending.id);
            await client.invalidateQueries({ queryKey: key });
            announce(t('Invitation ended'));
          }}
        />
      )}
    </section>
  );
}

function factsOf(invitation: Invitation): string {
  const { max_uses: most, uses } = invitation;
  const facts = [invitation.role_name];
  if (invitation.email === null) {
    facts.push(t('used %1 of %2', uses.toLocaleString(), tn('%1 time', '%1 times', most)));
  }
  if (invitation.state === 'open') {
    facts.push(t('ends %1', dateOf(invitation.expires_at)));
  }
  facts.push(t('by %1, %2', invitation.created_by, moment(invitation.created_at)));
  return facts.join(' · ');
}

export function dateOf(iso: string): string {
  return new Date(iso).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}

function State({ invitation }: { invitation: Invitation }): JSX.Element {
  if (invitation.state === 'open') {
    switch (invitation.mail) {
      case 'sending':
        return (
          <span className="da-badge">
            <Icon name="loader-circle" className="da-spin" />
            {t('Sending')}
          </span>
        );
      case 'sent':
        return (
          <span className="da-badge da-badge--success">
            <Icon name="check" />
            {t('Sent')}
          </span>
        );
      case 'failed':
        return (
          <span className="da-badge da-badge--error">
            <Icon name="x" />
            {t('Not sent')}
          </span>
        );
      case 'none':
        return <span className="da-badge da-badge--success">{t('Open')}</span>;
    }
  }
  const words = { used: t('Accepted'), expired: t('Ended'), revoked: t('Revoked') };
  return <span className="da-badge">{words[invitation.state]}</span>;
}
