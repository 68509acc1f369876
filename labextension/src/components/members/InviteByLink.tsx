import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { InvitationCreated, Role, Workspace } from '../../api/types';
import { t, tn } from '../../i18n';
import { copyText } from '../clipboard';
import { useHost } from '../host';
import { keys } from '../queries';
import { Button } from '../ui/button';
import { LabelledField } from '../ui/field';
import { useAnnounce } from '../ui/live';
import { ErrorNote } from '../ui/note';
import { dateOf } from './Invitations';
import { usualRole } from './InviteByMail';

/** Makes a link that lets people in. It shows once: nobody can read it again, the server included. */
export function InviteByLink({ workspace, roles }: { workspace: Workspace; roles: Role[] }): JSX.Element {
  const { api } = useHost();
  const client = useQueryClient();
  const announce = useAnnounce();
  const shown = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [uses, setUses] = useState('1');
  const [days, setDays] = useState('7');
  const [busy, setBusy] = useState(false);
  const [copied, setCopied] = useState(false);
  const [made, setMade] = useState<InvitationCreated | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const role = roles.find(each => each.id === chosen) ?? usualRole(roles);
  const wrongUses = wrong(uses, 1_000);
  const wrongDays = wrong(days, 90);
  // A path when the server doesn't know its public address: it is below where this page came from.
  const link = made === null ? '' : new URL(made.link, globalThis.location.origin).href;

  const make = async (): Promise<void> => {
    if (!role || wrongUses !== null || wrongDays !== null) {
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const value = { role: role.id, max_uses: Number(uses), days: Number(days) };
      setMade(await api.createInvitation(workspace.id, value));
      setCopied(false);
      announce(t('The link is ready. Copy it now: it shows once.'));
      await client.invalidateQueries({ queryKey: keys.invitations(workspace.id) });
      shown.current?.select();
    } catch (reason) {
      setError(asApiError(reason));
    } finally {
      setBusy(false);
    }
  };
  const copy = async (): Promise<void> => {
    const done = await copyText(link);
    setCopied(done);
    announce(done ? t('Link copied') : t('Not copied. Select the link and copy it.'), !done);
    if (!done) {
      shown.current?.select();
    }
  };

  return (
    <section className="da-part" aria-label={t('Invite by link')}>
      <h2>{t('Invite by link')}</h2>
      <form
        className="da-invite-link"
        onSubmit={event => {
          event.preventDefault();
          void make();
        }}
      >
        <LabelledField label={t('Role')} error={error?.field('role')}>
          {control => (
            <select {...control} value={role?.id} onChange={event => setChosen(event.target.value)}>
              {roles.map(each => (
                <option key={each.id} value={each.id}>
                  {each.name}
                </option>
              ))}
            </select>
          )}
        </LabelledField>
        <LabelledField label={t('For how many people')} error={wrongUses ?? error?.field('max_uses')}>
          {control => (
            <input {...control} inputMode="numeric" value={uses} onChange={event => setUses(event.target.value)} />
          )}
        </LabelledField>
        <LabelledField label={t('Days until it ends')} error={wrongDays ?? error?.field('days')}>
          {control => (
            <input {...control} inputMode="numeric" value={days} onChange={event => setDays(event.target.value)} />
          )}
        </LabelledField>
        <Button type="submit" icon="link" busy={busy ? t('Making it …') : undefined}>
          {made === null ? t('Make a link') : t('Make another')}
        </Button>
      </form>
      {error && error.fields.length === 0 && <ErrorNote error={error} />}
      {made !== null && (
        <div className="da-link-made">
          <span className="da-input">
            <input ref={shown} readOnly value={link} aria-label={t('The new link')} onFocus={event => event.target.select()} />
          </span>
          <Button icon={copied ? 'check' : 'copy'} onClick={() => void copy()}>
            {copied ? t('Copied') : t('Copy')}
          </Button>
          <p className="da-hint">
            {t(
              'Whoever has this link joins as %1, %2, until %3. It shows only now: keep it, or make another later.',
              made.invitation.role_name,
              tn('%1 time', '%1 times', made.invitation.max_uses),
              dateOf(made.invitation.expires_at)
            )}
          </p>
        </div>
      )}
    </section>
  );
}

function wrong(text: string, most: number): string | null {
  const value = Number(text);
  return /^\d+$/.test(text.trim()) && value >= 1 && value <= most ? null : t('A number from 1 to %1.', most.toLocaleString());
}
