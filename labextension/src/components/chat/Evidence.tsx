import type { Assumption, Confidence } from '../../api/types';
import { t } from '../../i18n';
import type { IconName } from '../icons';
import { Icon } from '../icons';
import { Menu } from '../ui/menu';
import { Popover } from '../ui/popover';

const LEVELS: Record<Confidence['level'], { label: string; icon: IconName; tone: string }> = {
  high: { label: 'High confidence', icon: 'shield-check', tone: 'da-badge--success' },
  some: { label: 'Some guesses', icon: 'info', tone: '' },
  low: { label: 'Check this', icon: 'triangle-alert', tone: 'da-badge--warn' }
};

const KINDS: Record<Assumption['kind'], IconName> = {
  measure: 'sigma',
  dimension: 'layers',
  time: 'calendar',
  filter: 'list-filter',
  join: 'link',
  limit: 'list-end',
  table: 'table-2'
};

export function ConfidenceBadge({ confidence }: { confidence: Confidence }): JSX.Element {
  const { label, icon, tone } = LEVELS[confidence.level];
  const badge = `da-badge da-badge--button ${tone}`;
  if (confidence.reasons.length === 0) {
    return (
      <span className={badge}>
        <Icon name={icon} />
        {t(label)}
      </span>
    );
  }
  return (
    <Popover
      label={t('Why: %1', t(label))}
      trigger={
        <button type="button" className={badge}>
          <Icon name={icon} />
          {t(label)}
        </button>
      }
    >
      <b>{t(label)}</b>
      <ul className="da-reasons">
        {confidence.reasons.map(reason => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </Popover>
  );
}

/** What was taken for granted. Its menu asks the question again, with another choice. */
export function AssumptionChip({
  assumption,
  ask
}: {
  assumption: Assumption;
  ask: ((question: string) => void) | undefined;
}): JSX.Element {
  const { kind, label, value, guess, choices } = assumption;
  const content = (
    <>
      <Icon name={guess ? 'triangle-alert' : KINDS[kind]} {...(guess ? { label: t('A guess worth checking:') } : {})} />
      <span className="da-chip-text">
        {label}
        {guess ? ' = ' : ': '}
        <b>{value}</b>
      </span>
    </>
  );
  const className = guess ? 'da-chip da-chip--warn' : 'da-chip';
  if (choices.length === 0 || !ask) {
    return <span className={`${className} da-chip--fixed`}>{content}</span>;
  }
  return (
    <Menu
      label={t('%1: choose another', label)}
      trigger={
        <button type="button" className={className}>
          {content}
          <Icon name="chevron-down" />
        </button>
      }
      items={choices.map((choice, index) => ({
        key: `${index}`,
        label: choice.label,
        detail: choice.detail,
        onSelect: () => ask(choice.question)
      }))}
    />
  );
}

export function Evidence({
  confidence,
  assumptions,
  ask
}: {
  confidence: Confidence;
  assumptions: Assumption[];
  ask: ((question: string) => void) | undefined;
}): JSX.Element {
  return (
    <div className="da-chips" role="group" aria-label={t('What was assumed')}>
      <ConfidenceBadge confidence={confidence} />
      {assumptions.map((assumption, index) => (
        <AssumptionChip key={index} assumption={assumption} ask={ask} />
      ))}
    </div>
  );
}
