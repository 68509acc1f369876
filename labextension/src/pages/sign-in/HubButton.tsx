import { t } from '../../i18n';
import { usePages } from '../context';

/** On to JupyterHub, which knows who its users are. */
export function HubButton({ next }: { next: string }): JSX.Element {
  const { config } = usePages();
  return (
    <a className="da-btn" href={`${config.continueUrl ?? ''}?next=${encodeURIComponent(next)}`}>
      <svg className="da-hub-mark" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M2 6.2C3.2 3.7 5.4 2.3 8 2.3s4.8 1.4 6 3.900C12.600 4.900 10.400 4.200 8 4.200S3.400 4.900 2 6.200Zm0 3.600c1.200 2.500 3.400 3.900 6 3.900s4.800-1.400 6-3.900c-1.400 1.300-3.600 2-6 2s-4.600-.7-6-2Z" />
      </svg>
      {t('Continue with JupyterHub')}
    </a>
  );
}
