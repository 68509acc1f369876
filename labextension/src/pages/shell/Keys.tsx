import { Dialog } from '../../components/ui/dialog';
import { t } from '../../i18n';

const mac = /Mac|iP(hone|ad|od)/.test(navigator.userAgent);

/** What keys do, on this page and in a conversation. */
export function Keys({ close }: { close(): void }): JSX.Element {
  const keys: [string, string][] = [
    [mac ? '⌘ K' : 'Ctrl K', t('Search workspaces and conversations')],
    ['?', t('These keys')],
    ['Esc', t('Close one layer; stop an answer')],
    ['F2', t('Rename')],
    ['Enter', t('Ask')],
    ['Shift Enter', t('A new line in the question')],
    ['↑', t('Edit the last question')],
    ['1–9', t('Choose a meaning')],
    ['Tab', t('Take the suggestion')]
  ];
  return (
    <Dialog open onOpenChange={close} title={t('Keys')}>
      <dl className="da-keys">
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd className="da-kbd">{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
