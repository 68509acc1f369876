import type { ReactNode } from 'react';
import { useEffect, useState } from 'react';

import { Icon } from '../../components/icons';
import { IconButton } from '../../components/ui/button';
import { t } from '../../i18n';
import { Link, useRouter } from '../router';
import { AvatarMenu } from './AvatarMenu';
import { Keys } from './Keys';
import { Search } from './Search';

/** The header of all pages, and what keys do everywhere. */
export function Shell({ children }: { children: ReactNode }): JSX.Element {
  const { route } = useRouter();
  const [searching, setSearching] = useState(false);
  const [keys, setKeys] = useState(false);

  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setSearching(true);
      } else if (event.key === '?' && !event.defaultPrevented && !isTyping(event.target)) {
        setKeys(true);
      }
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);

  return (
    <div className={`da-page da-inside ${route.page === 'ask' ? 'da-inside--full' : ''}`}>
      <header className="da-top">
        <Link className="da-brand" to={{ page: 'home' }} aria-label={t('DataAsk home')}>
          <Icon name="logo" size={22} />
          <b>DataAsk</b>
        </Link>
        <nav aria-label={t('Main')}>
          <Link to={{ page: 'home' }} aria-current={route.page === 'home' ? 'page' : undefined}>
            {t('Home')}
          </Link>
          <Link
            to={{ page: 'ask', workspace: null, conversation: null, connection: null }}
            aria-current={route.page === 'ask' ? 'page' : undefined}
          >
            {t('Ask')}
          </Link>
        </nav>
        <span className="da-grow" />
        <IconButton icon="search" label={t('Search everything')} small={false} onClick={() => setSearching(true)} />
        <AvatarMenu showKeys={() => setKeys(true)} />
      </header>
      {children}
      {searching && <Search close={() => setSearching(false)} />}
      {keys && <Keys close={() => setKeys(false)} />}
    </div>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
