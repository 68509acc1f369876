import { useState } from 'react';

import { copyText } from '../../components/clipboard';
import { Button } from '../../components/ui/button';
import { useAnnounce } from '../../components/ui/live';
import { t } from '../../i18n';

/** Something that shows once. */
export function Secret({ value, label }: { value: string; label: string }): JSX.Element {
  const announce = useAnnounce();
  const [copied, setCopied] = useState(false);
  return (
    <div className="da-secret">
      <code aria-label={label}>{value}</code>
      <Button
        small
        icon={copied ? 'check' : 'copy'}
        onClick={() =>
          void copyText(value).then(done => {
            setCopied(done);
            announce(done ? t('Copied') : t('Not copied. Select the text and copy it yourself.'), !done);
          })
        }
      >
        {copied ? t('Copied') : t('Copy')}
      </Button>
    </div>
  );
}
