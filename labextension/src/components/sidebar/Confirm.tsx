import { useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import { t } from '../../i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ErrorNote } from '../ui/note';

interface ConfirmProps {
  title: string;
  /** What is lost, and what stays. */
  text: string;
  action: string;
  /** A name to type, for what many depend on. */
  typed?: string | undefined;
  /** Words while it happens, and on the button that leaves all as it is. */
  busyWords?: string | undefined;
  keepWords?: string | undefined;
  close(): void;
  confirm(): Promise<void>;
}

/** Asks before something is lost for good. */
export function Confirm(props: ConfirmProps): JSX.Element {
  const { title, text, action, typed, close, confirm } = props;
  const { busyWords = t('Deleting …'), keepWords = t('Keep it') } = props;
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      await confirm();
      close();
    } catch (reason) {
      setError(asApiError(reason));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={close}
      title={title}
      footer={
        <>
          <span className="da-grow" />
          <Button onClick={close}>{keepWords}</Button>
          <Button
            variant="danger"
            busy={busy ? busyWords : undefined}
            disabled={busy || (typed !== undefined && name.trim() !== typed)}
            onClick={() => void run()}
          >
            {action}
          </Button>
        </>
      }
    >
      <p>{text}</p>
      {typed !== undefined && (
        <label className="da-field da-confirm-name">
          <span className="da-label">{t('Type %1 to confirm', typed)}</span>
          <span className="da-input">
            <input value={name} autoComplete="off" spellCheck={false} onChange={event => setName(event.target.value)} />
          </span>
        </label>
      )}
      {error && <ErrorNote error={error} />}
    </Dialog>
  );
}
