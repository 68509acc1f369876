import type { Connection } from '../../api/types';
import { t } from '../../i18n';
import { Icon } from '../icons';
import { useSuggestions } from '../queries';
import { FirstData } from '../sidebar/FirstData';
import { Button } from '../ui/button';
import { useChatContext } from './context';

/** Before the first question: what goes here, and three questions that this data can answer. */
export function ChatEmpty({
  workspaceId,
  connection
}: {
  workspaceId: string;
  connection: Connection | undefined;
}): JSX.Element {
  const { ask, mayAsk } = useChatContext();
  const suggestions = useSuggestions(workspaceId, connection?.id ?? null, '', connection !== undefined);
  if (!connection) {
    return <FirstData workspaceId={workspaceId} />;
  }
  if (!mayAsk) {
    return (
      <div className="da-empty">
        <Icon name="message-square-text" size={24} />
        <b>{t('You can’t ask here')}</b>
        <p>{t('Your role lets you look at the tables. Ask an owner for one that can ask questions.')}</p>
      </div>
    );
  }
  const three = (suggestions.data ?? []).slice(0, 3);
  return (
    <div className="da-empty">
      <Icon name="message-square-text" size={24} />
      <b>{t('Ask your first question')}</b>
      <p>{t('Write it as you would say it. You see the SQL and what was assumed.')}</p>
      <div className="da-empty-actions">
        {suggestions.isPending && <span className="da-skel da-skel--pill" />}
        {three.map((each, index) => (
          <Button key={each.text} small variant={index === 0 ? 'primary' : 'default'} onClick={() => ask(each.text)}>
            {each.text}
          </Button>
        ))}
      </div>
    </div>
  );
}
