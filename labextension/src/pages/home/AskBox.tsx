import type { FormEvent } from 'react';
import { useRef, useState } from 'react';

import type { Workspace } from '../../api/types';
import { Icon } from '../../components/icons';
import { useSuggestions } from '../../components/queries';
import { Menu } from '../../components/ui/menu';
import { WorkspaceTile } from '../../components/ui/tile';
import { t } from '../../i18n';
import { useRouter } from '../router';

const OFFERED = 4;

interface AskBoxProps {
  workspaces: Workspace[] | undefined;
  current: string | undefined;
}

/** A question, and where it is asked. */
export function AskBox({ workspaces, current }: AskBoxProps): JSX.Element {
  const { go } = useRouter();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const workspace = workspaces?.find(each => each.id === (chosen ?? current)) ?? workspaces?.[0];
  const suggestions = useSuggestions(workspace?.id ?? '', null, '', workspace !== undefined && workspace.connections > 0);
  const offers = (suggestions.data ?? []).slice(0, OFFERED);

  const ask = (question: string): void => {
    if (workspace) {
      const carry = question === '' ? {} : { ask: question };
      go({ page: 'ask', workspace: workspace.id, conversation: null, connection: null }, { carry });
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') {
      field.current?.focus();
    } else {
      ask(text.trim());
    }
  };

  return (
    <>
      <form className="da-askbox" onSubmit={submit}>
        <Icon name="logo" size={22} />
        <input
          ref={field}
          aria-label={t('Ask a question about your data')}
          placeholder={t('Ask about your data')}
          value={text}
          autoComplete="off"
          enterKeyHint="go"
          maxLength={4_000}
          onChange={event => setText(event.target.value)}
        />
        {workspace && workspaces && (
          <Menu
            label={t('Workspace to ask in')}
            align="end"
            items={workspaces.map(each => ({
              key: each.id,
              label: each.name,
              detail: each.personal ? t('Personal') : each.role_name,
              checked: each.id === workspace.id,
              onSelect: () => setChosen(each.id)
            }))}
            trigger={
              <button type="button" className="da-btn da-btn--quiet da-askbox-where">
                <span className="da-sr">{t('Ask in %1. Choose another workspace', workspace.name)}</span>
                <WorkspaceTile name={workspace.name} />
                <span className="da-trunc" aria-hidden="true">
                  {workspace.name}
                </span>
                <Icon name="chevron-down" />
              </button>
            }
          />
        )}
        <button type="submit" className="da-btn da-btn--primary">
          {t('Ask')}
        </button>
      </form>
      <div className="da-offer-row" role="group" aria-label={t('Suggested questions')}>
        {workspace?.connections === 0 ? (
          <p className="da-muted">
            {t('%1 has no connection yet.', workspace.name)}{' '}
            <button type="button" className="da-link" onClick={() => ask('')}>
              {t('Connect your first data')}
            </button>
          </p>
        ) : (
          offers.map(each => (
            <button key={each.text} type="button" className="da-chip" onClick={() => ask(each.text)}>
              <span className="da-chip-text">{each.text}</span>
            </button>
          ))
        )}
      </div>
    </>
  );
}
