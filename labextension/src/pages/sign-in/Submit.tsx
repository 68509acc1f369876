import { Icon } from '../../components/icons';

interface SubmitProps {
  label: string;
  busyLabel: string;
  busy: boolean;
  /** Why it can't be sent stands beside it. */
  blocked?: boolean;
}

/** The form's one primary button. It keeps the focus while it works. */
export function Submit({ label, busyLabel, busy, blocked = false }: SubmitProps): JSX.Element {
  return (
    <button type="submit" className="da-btn da-btn--primary" aria-disabled={busy || blocked}>
      {busy && <Icon name="loader-circle" className="da-spin" />}
      {busy ? busyLabel : label}
    </button>
  );
}
