import { useCallback, useEffect, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { InvitationPreview, Me } from '../../api/types';
import { t } from '../../i18n';
import { usePages } from '../context';
import { Link, useRouter, useTitle } from '../router';
import { useSignOut } from '../shell/useSignOut';
import { Frame } from './Frame';
import { HubButton } from './HubButton';
import { invitation, joining, takeSecret } from './kept';
import { Notice } from './Notice';

interface Seen {
  preview: InvitationPreview;
  /** Who is signed in here. */
  me: Me | null;
}

/** What an invitation is for, and the way to accept it. */
export function Invitation(): JSX.Element {
  const { api, config, session } = usePages();
  const { address, go } = useRouter();
  useTitle(t('Invitation'));
  const [seen, setSeen] = useState<Seen | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const signOut = useSignOut(setError);

  const join = useCallback(
    async (token: string): Promise<void> => {
      setBusy(true);
      setError(null);
      try {
        const workspace = await api.acceptInvitation(token);
        invitation.forget();
        go({ page: 'ask', workspace: workspace.id, conversation: null, connection: null }, { replace: true });
      } catch (reason) {
        setBusy(false);
        setError(asApiError(reason));
      }
    },
    [api, go]
  );

  useEffect(() => {
    const secret = takeSecret();
    if (secret !== null) {
      invitation.keep(secret);
      joining.forget();
    }
    const token = invitation.read();
    if (token === null) {
      return;
    }
    const look = async (): Promise<void> => {
      const mayBeIn = config.mode === 'hub' || session.isRemembered;
      const me = mayBeIn ? await api.me().catch(() => null) : null;
      if (me !== null && joining.read() !== null) {
        // Signing up with it has used it: who is in already only goes there.
        joining.forget();
        await join(token);
        return;
      }
      setSeen({ preview: await api.previewInvitation(token), me });
    };
    look().catch((reason: unknown) => setError(asApiError(reason)));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens.
  }, []);

  const token = invitation.read();
  if (seen === null) {
    return (
      <Frame title={t('Invitation')}>
        {error ? (
          <>
            <Notice text={error.message} />
            <Link className="da-btn" to={{ page: 'home' }}>
              {t('Home')}
            </Link>
          </>
        ) : token === null ? (
          <Notice tone="info" text={t('This address has no invitation in it. Open the whole link that you were sent.')} />
        ) : (
          <div className="da-skel da-skel--form" role="status" aria-label={t('Loading')} />
        )}
      </Frame>
    );
  }
  const { preview, me } = seen;
  const back = address({ page: 'invitation' });
  const isForAnother =
    preview.email !== null && preview.email.toLowerCase() !== (me?.user.email ?? '').toLowerCase();
  return (
    <Frame
      title={t('Join “%1”', preview.workspace_name)}
      subtitle={t('%1 invites you as %2.', preview.invited_by, preview.role_name)}
    >
      {error && <Notice text={error.message} />}
      {me !== null && token !== null ? (
        <>
          <p>
            {me.user.email === null
              ? t('You are signed in as %1.', me.user.display_name)
              : t('You are signed in as %1 (%2).', me.user.display_name, me.user.email)}
          </p>
          {isForAnother && <p className="da-muted">{t('The invitation is for %1.', preview.email ?? '')}</p>}
          <button
            type="button"
            className={isForAnother ? 'da-btn' : 'da-btn da-btn--primary'}
            aria-disabled={busy}
            onClick={() => void (busy ? undefined : join(token))}
          >
            {busy ? t('Joining …') : t('Join')}
          </button>
          <button
            type="button"
            className={isForAnother ? 'da-btn da-btn--primary' : 'da-btn'}
            onClick={() => signOut(false, back)}
          >
            {t('Sign in as someone else')}
          </button>
        </>
      ) : (
        <div className="da-gate-fields" onClick={() => joining.keep('yes')}>
          {preview.email !== null && <p className="da-muted">{t('The invitation is for %1.', preview.email)}</p>}
          {config.continueUrl !== null && <HubButton next={back} />}
          {config.mode === 'team' && (
            <>
              {config.registration !== 'off' && (
                <Link className="da-btn da-btn--primary" to={{ page: 'signup' }}>
                  {t('Create an account')}
                </Link>
              )}
              <a className="da-btn" href={`${address({ page: 'login' })}?next=${encodeURIComponent(back)}`}>
                {t('Sign in')}
              </a>
            </>
          )}
        </div>
      )}
    </Frame>
  );
}
