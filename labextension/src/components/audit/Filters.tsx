import type { ReactElement } from 'react';
import { useState } from 'react';

import type { AuditFacets, AuditFilter } from '../../api/types';
import { t } from '../../i18n';
import type { IconName } from '../icons';
import { Icon } from '../icons';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { LabelledField } from '../ui/field';
import type { MenuItem } from '../ui/menu';
import { Menu } from '../ui/menu';
import type { Span } from './time';
import { addDays, dayIn, sinceOf, startOfDay } from './time';
import { actionsSaying, actionWords, kindWords } from './words';

/** What is chosen, with the words that its chips show. */
export interface Chosen {
  text: string;
  time: { label: string; filter: Pick<AuditFilter, 'since' | 'until'> } | null;
  person: { id: string; name: string } | null;
  action: string | null;
  kind: string | null;
  refused: boolean;
}

export const NOTHING: Chosen = { text: '', time: null, person: null, action: null, kind: null, refused: false };

export function filterOf(chosen: Chosen): AuditFilter {
  const search = chosen.text.trim();
  const actions = actionsSaying(search);
  return {
    ...(search === '' ? {} : { search }),
    ...(actions.length === 0 ? {} : { search_actions: actions.join(',') }),
    ...(chosen.time?.filter ?? {}),
    ...(chosen.person ? { actor_id: chosen.person.id } : {}),
    ...(chosen.action === null ? {} : { action: chosen.action }),
    ...(chosen.kind === null ? {} : { object_kind: chosen.kind }),
    ...(chosen.refused ? { result: 'refused' as const } : {})
  };
}

interface FiltersProps {
  chosen: Chosen;
  onChange(chosen: Chosen): void;
  facets: AuditFacets | undefined;
  zone: string;
  children: ReactElement | null;
}

/** The search field and one chip per filter. */
export function Filters({ chosen, onChange, facets, zone, children }: FiltersProps): JSX.Element {
  const [choosing, setChoosing] = useState(false);
  const spans: { span: Span; label: string }[] = [
    { span: 'today', label: t('today') },
    { span: 'week', label: t('last 7 days') },
    { span: 'month', label: t('last 30 days') }
  ];
  return (
    <div className="da-audit-filters" role="search" aria-label={t('Filter records')}>
      <label className="da-input da-audit-search">
        <Icon name="search" />
        <input
          type="search"
          value={chosen.text}
          maxLength={200}
          placeholder={t('Search people, actions and objects')}
          aria-label={t('Search people, actions and objects')}
          onChange={event => onChange({ ...chosen, text: event.target.value })}
        />
      </label>
      <FilterChip
        icon="calendar"
        label={t('Time')}
        value={chosen.time?.label ?? null}
        clear={() => onChange({ ...chosen, time: null })}
        items={[
          ...spans.map(({ span, label }) => ({
            key: span,
            label: label.charAt(0).toUpperCase() + label.slice(1),
            checked: chosen.time?.label === label,
            onSelect: () => onChange({ ...chosen, time: { label, filter: sinceOf(span, zone) } })
          })),
          { key: 'days', label: t('Choose days …'), separated: true, onSelect: () => setChoosing(true) }
        ]}
      />
      <FilterChip
        icon="user"
        label={t('Person')}
        value={chosen.person?.name ?? null}
        clear={() => onChange({ ...chosen, person: null })}
        items={(facets?.actors ?? []).flatMap(({ id, name }) =>
          id === null
            ? []
            : [
                {
                  key: id,
                  label: name,
                  checked: chosen.person?.id === id,
                  onSelect: () => onChange({ ...chosen, person: { id, name } })
                }
              ]
        )}
      />
      <FilterChip
        icon="zap"
        label={t('Action')}
        value={chosen.action === null ? null : actionWords(chosen.action)}
        clear={() => onChange({ ...chosen, action: null })}
        items={byLabel(
          (facets?.actions ?? []).map(action => ({
            key: action,
            label: actionWords(action),
            checked: chosen.action === action,
            onSelect: () => onChange({ ...chosen, action })
          }))
        )}
      />
      <FilterChip
        icon="layers"
        label={t('Object')}
        value={chosen.kind === null ? null : kindWords(chosen.kind)}
        clear={() => onChange({ ...chosen, kind: null })}
        items={byLabel(
          (facets?.object_kinds ?? []).map(kind => ({
            key: kind,
            label: kindWords(kind),
            checked: chosen.kind === kind,
            onSelect: () => onChange({ ...chosen, kind })
          }))
        )}
      />
      <button
        type="button"
        className={chosen.refused ? 'da-chip da-chip--filter da-chip--on' : 'da-chip da-chip--filter'}
        aria-pressed={chosen.refused}
        onClick={() => onChange({ ...chosen, refused: !chosen.refused })}
      >
        <Icon name={chosen.refused ? 'check' : 'circle-x'} />
        {t('Refused only')}
      </button>
      {children}
      {choosing && (
        <Days
          zone={zone}
          close={() => setChoosing(false)}
          choose={time => {
            onChange({ ...chosen, time });
            setChoosing(false);
          }}
        />
      )}
    </div>
  );
}

function byLabel(items: MenuItem[]): MenuItem[] {
  return items.sort((one, other) => one.label.localeCompare(other.label));
}

function FilterChip({
  icon,
  label,
  value,
  items,
  clear
}: {
  icon: IconName;
  label: string;
  value: string | null;
  items: MenuItem[];
  clear(): void;
}): JSX.Element {
  const trigger = (
    <button type="button" className={value === null ? 'da-chip da-chip--filter' : 'da-chip-part'} disabled={items.length === 0}>
      <Icon name={icon} />
      <span className="da-chip-text">
        {value === null ? (
          label
        ) : (
          <>
            <b>{label}:</b> {value}
          </>
        )}
      </span>
      {value === null && <Icon name="chevron-down" />}
    </button>
  );
  const menu = <Menu label={label} trigger={trigger} items={items} />;
  if (value === null) {
    return menu;
  }
  return (
    <span className="da-chip da-chip--filter da-chip--on da-chip--parts">
      {menu}
      <button type="button" className="da-chip-part" aria-label={t('Clear %1', label)} onClick={clear}>
        <Icon name="x" />
      </button>
    </span>
  );
}

function Days({
  zone,
  choose,
  close
}: {
  zone: string;
  choose(time: NonNullable<Chosen['time']>): void;
  close(): void;
}): JSX.Element {
  const today = dayIn(zone, new Date());
  const [from, setFrom] = useState(today);
  const [to, setTo] = useState(today);
  const wrong = from === '' || to === '' ? t('Both days are needed.') : from > to ? t('The first day comes after the last one.') : null;
  const apply = (): void => {
    if (wrong === null) {
      choose({
        label: from === to ? words(from) : t('%1 to %2', words(from), words(to)),
        filter: {
          since: startOfDay(from, zone).toISOString(),
          until: startOfDay(addDays(to, 1), zone).toISOString()
        }
      });
    }
  };
  return (
    <Dialog
      open
      onOpenChange={close}
      title={t('Records of which days')}
      footer={
        <>
          <span className="da-hint">{t('Days begin at midnight in %1', zone)}</span>
          <span className="da-grow" />
          <Button variant="primary" disabled={wrong !== null} onClick={apply}>
            {t('Show these days')}
          </Button>
        </>
      }
    >
      <LabelledField label={t('First day')}>
        {control => <input {...control} type="date" value={from} max={today} onChange={event => setFrom(event.target.value)} />}
      </LabelledField>
      <LabelledField label={t('Last day')} error={wrong}>
        {control => <input {...control} type="date" value={to} max={today} onChange={event => setTo(event.target.value)} />}
      </LabelledField>
    </Dialog>
  );
}

function words(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
    year: 'numeric'
  });
}
