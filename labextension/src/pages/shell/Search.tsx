import { useQuery } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';
import { useId, useMemo, useState } from 'react';

import { useHost } from '../../components/host';
import type { IconName } from '../../components/icons';
import { Icon } from '../../components/icons';
import { useWorkspaces } from '../../components/queries';
import { Dialog } from '../../components/ui/dialog';
import { moment } from '../../format';
import { t } from '../../i18n';
import type { Route } from '../paths';
import { useRouter } from '../router';

interface Hit {
  key: string;
  name: string;
  detail: string;
  icon: IconName;
  at: string;
  route: Route;
}

const SHOWN = 12;

/** Finds workspaces and conversations by name. */
export function Search({ close }: { close(): void }): JSX.Element {
  const { go } = useRouter();
  const id = useId();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const { hits, loading } = useHits();
  const words = text.trim().toLocaleLowerCase();
  const found = useMemo(() => hits.filter(each => each.name.toLocaleLowerCase().includes(words)), [hits, words]);
  // Nothing by that name: what there is, so that the search doesn't end in a blank.
  const shown = (found.length > 0 ? found : hits).slice(0, SHOWN);
  const at = Math.min(active, Math.max(shown.length - 1, 0));

  const open = (hit: Hit | undefined): void => {
    if (hit) {
      close();
      go(hit.route);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && shown.length > 0) {
      event.preventDefault();
      setActive((at + step + shown.length) % shown.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      open(shown[at]);
    }
  };

  return (
    <Dialog open onOpenChange={close} title={t('Search')}>
      <label className="da-input">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
          aria-label={t('Search workspaces and conversations')}
          placeholder={t('Search workspaces and conversations')}
          autoComplete="off"
          value={text}
          onChange={event => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <p className="da-hint" role="status">
        {loading ? t('Searching …') : found.length === 0 ? t('Nothing called “%1”.', text.trim()) : ''}
      </p>
      <div role="listbox" id={`${id}-list`} aria-label={t('Found')} className="da-hits">
        {shown.map((hit, index) => (
          <div
            key={hit.key}
            role="option"
            id={`${id}-${index}`}
            aria-selected={index === at}
            className="da-menu-item"
            onClick={() => open(hit)}
            onMouseMove={() => setActive(index)}
          >
            <Icon name={hit.icon} />
            <span className="da-menu-text">
              <span>{hit.name}</span>
              <small>{hit.detail}</small>
            </span>
            <span className="da-meta">{hit.at}</span>
          </div>
        ))}
      </div>
    </Dialog>
  );
}

function useHits(): { hits: Hit[]; loading: boolean } {
  const { api } = useHost();
  const workspaces = useWorkspaces().data;
  const conversations = useQuery({
    queryKey: ['search', workspaces?.map(each => each.id)],
    queryFn: async ({ signal }) => {
      const lists = await Promise.all((workspaces ?? []).map(each => api.conversations(each.id, { signal })));
      return lists.flat();
    },
    enabled: workspaces !== undefined
  });
  const hits = useMemo(() => {
    const names = new Map(workspaces?.map(each => [each.id, each.name]));
    const places = (workspaces ?? []).map(
      (each): Hit => ({
        key: each.id,
        name: each.name,
        detail: t('Workspace'),
        icon: 'layers',
        at: '',
        route: { page: 'ask', workspace: each.id, conversation: null, connection: null }
      })
    );
    const talks = [...(conversations.data ?? [])]
      .sort((a, b) => b.updated_at.localeCompare(a.updated_at))
      .map(
        (each): Hit => ({
          key: each.id,
          name: each.title,
          detail: t('Conversation in %1', names.get(each.workspace_id) ?? ''),
          icon: 'message-square-text',
          at: moment(each.updated_at),
          route: { page: 'ask', workspace: each.workspace_id, conversation: each.id, connection: null }
        })
      );
    return [...places, ...talks];
  }, [conversations.data, workspaces]);
  return { hits, loading: conversations.isPending };
}
