import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { KeyboardEvent } from 'react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { AuditFilter, AuditFormat, AuditRecord } from '../../api/types';
import { t, tn } from '../../i18n';
import { downloadFile, fileName } from '../clipboard';
import { useHost } from '../host';
import { Icon } from '../icons';
import { errorOf, keys, useWorkspace } from '../queries';
import { Button } from '../ui/button';
import { useAnnounce } from '../ui/live';
import { Menu } from '../ui/menu';
import { ErrorNote } from '../ui/note';
import { keptFor } from '../workspace/kept';
import { Missing } from '../workspace/WorkspaceSettings';
import { CheckBadge, CheckNote, useCheck } from './Check';
import type { Chosen } from './Filters';
import { filterOf, Filters, NOTHING } from './Filters';
import { Row } from './Row';
import { useAudit } from './useAudit';

const TYPING_MS = 250;

/** Every act in a workspace, for those who may read it; for null those on the server itself, such as sign-ins. */
export function AuditLog({ workspaceId }: { workspaceId: string | null }): JSX.Element {
  const { api } = useHost();
  const facets = useQuery({
    queryKey: keys.auditFacets(workspaceId),
    queryFn: ({ signal }) => api.auditFacets(workspaceId, {}, { signal })
  });
  const error = errorOf(facets);
  if (error && !facets.data) {
    return (
      <section className="da-audit" aria-label={t('Audit log')}>
        <div className="da-audit-alone">
          {error.status === 404 || error.status === 403 ? (
            <Missing />
          ) : (
            <ErrorNote error={error} retry={() => void facets.refetch()} />
          )}
        </div>
      </section>
    );
  }
  return <Log workspaceId={workspaceId} facets={facets.data} />;
}

/** The filter, once typing rests: its identity stays as long as it asks for the same. */
function useFilter(chosen: Chosen): AuditFilter {
  const wanted = JSON.stringify(filterOf(chosen));
  const typed = chosen.text;
  const [settled, setSettled] = useState({ wanted, typed });
  useEffect(() => {
    const timer = globalThis.setTimeout(
      () => setSettled({ wanted, typed }),
      typed === settled.typed ? 0 : TYPING_MS
    );
    return () => globalThis.clearTimeout(timer);
  }, [settled.typed, typed, wanted]);
  return useMemo(() => JSON.parse(settled.wanted) as AuditFilter, [settled.wanted]);
}

function Log({
  workspaceId,
  facets
}: {
  workspaceId: string | null;
  facets: Parameters<typeof Filters>[0]['facets'];
}): JSX.Element {
  const client = useQueryClient();
  const workspace = useWorkspace(workspaceId ?? undefined);
  const zone = workspace?.time_zone ?? 'UTC';
  const root = useRef<HTMLElement>(null);
  const scroll = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<Chosen>(NOTHING);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [above, setAbove] = useState(0);
  const filter = useFilter(chosen);
  const filtered = Object.keys(filter).length > 0;
  const check = useCheck(workspaceId);
  const { api } = useHost();
  const matching = useQuery({
    queryKey: [...keys.auditFacets(workspaceId), filter],
    queryFn: ({ signal }) => api.auditFacets(workspaceId, filter, { signal }),
    enabled: filtered
  }).data?.matching;

  const visible = useCallback(() => root.current?.checkVisibility?.() !== false, []);
  const onNew = useCallback(
    (count: number) => {
      setAbove(known => known + count);
      void client.invalidateQueries({ queryKey: keys.auditFacets(workspaceId) });
    },
    [client, workspaceId]
  );
  const list = useAudit(workspaceId, filter, visible, onNew);
  const { records } = list;
  useStay(scroll, records, open.size > 0, setAbove);
  useEffect(() => setAbove(0), [filter]);

  const toggle = (number: number): void => {
    setOpen(before => {
      const after = new Set(before);
      if (!after.delete(number)) {
        after.add(number);
      }
      return after;
    });
  };
  const toTop = (): void => {
    scroll.current?.scrollTo({ top: 0 });
    setAbove(0);
  };

  return (
    <section ref={root} className="da-audit" aria-label={t('Audit log')}>
      <header className="da-audit-head">
        <div className="da-grow">
          <h1>{workspaceId === null ? t('Audit log of this server') : t('Audit log')}</h1>
          <p className="da-muted">
            {workspaceId === null
              ? t('Sign-ins, accounts and everything else outside workspaces. Records can’t be changed or deleted.')
              : t('Every action in %1. Records can’t be changed or deleted.', workspace?.name ?? t('this workspace'))}
          </p>
        </div>
        <CheckBadge check={check} zone={zone} />
        <Export workspaceId={workspaceId} filter={filter} name={workspaceId === null ? t('of this server') : (workspace?.name ?? '')} />
      </header>
      <div className="da-audit-notes">
        <CheckNote check={check} />
      </div>
      <Filters chosen={chosen} onChange={setChosen} facets={facets} zone={zone}>
        <span className="da-audit-live">
          {above > 0 ? (
            <button type="button" className="da-link" onClick={toTop}>
              {tn('%1 new record above', '%1 new records above', above)}
            </button>
          ) : (
            <span className="da-meta">{t('New records appear by themselves')}</span>
          )}
          <span className="da-dot da-dot--ok" aria-hidden="true" />
        </span>
      </Filters>
      <div
        ref={scroll}
        className="da-audit-scroll"
        tabIndex={0}
        role="group"
        aria-label={t('Records')}
        onKeyDown={moveBetweenRows}
        onScroll={event => event.currentTarget.scrollTop === 0 && setAbove(0)}
      >
        {list.error && records === null && (
          <div className="da-audit-alone">
            <ErrorNote error={list.error} retry={list.retry} />
          </div>
        )}
        {records === null && !list.error && (
          <div className="da-audit-alone" role="status" aria-label={t('Loading the records')}>
            <div className="da-skel da-skel--form" />
          </div>
        )}
        {records?.length === 0 && (
          <div className="da-audit-alone">
            <div className="da-empty">
              <Icon name="scroll-text" size={24} />
              <b>{filtered ? t('No records match') : t('No records yet')}</b>
              <p>{filtered ? t('Take a filter out to see more.') : t('Whatever happens here stands in this list.')}</p>
              {filtered && (
                <Button small variant="primary" onClick={() => setChosen(NOTHING)}>
                  {t('Clear filters')}
                </Button>
              )}
            </div>
          </div>
        )}
        {records !== null && records.length > 0 && (
          <table role="table" className="da-table da-audit-table" aria-label={t('Records')}>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col">
                  <span className="da-sr">{t('Details')}</span>
                </th>
                <th role="columnheader" scope="col" aria-sort="descending">
                  {t('Time')}
                </th>
                <th role="columnheader" scope="col">
                  {t('Who')}
                </th>
                <th role="columnheader" scope="col">
                  {t('Did what')}
                </th>
                <th role="columnheader" scope="col">
                  {t('To what')}
                </th>
                <th role="columnheader" scope="col">
                  {t('From')}
                </th>
                <th role="columnheader" scope="col">
                  {t('Result')}
                </th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              {records.map(record => (
                <Row
                  key={record.number}
                  record={record}
                  zone={zone}
                  open={open.has(record.number)}
                  toggle={() => toggle(record.number)}
                />
              ))}
            </tbody>
          </table>
        )}
      </div>
      {list.error && records !== null && (
        <div className="da-audit-notes">
          <ErrorNote error={list.error} retry={list.older} />
        </div>
      )}
      <footer className="da-audit-foot">
        <span className="da-num">{countWords(records, filtered ? matching : facets?.total, filtered)}</span>
        <span className="da-grow" />
        {facets && <span>{t('Kept %1', facets.retention_days === null ? t('for ever') : t('for %1', keptFor(facets.retention_days)))}</span>}
        {list.more && (
          <Button small busy={list.loadingOlder ? t('Loading …') : undefined} onClick={list.older}>
            {t('Older')}
            <Icon name="chevron-right" />
          </Button>
        )}
      </footer>
    </section>
  );
}

function countWords(
  records: AuditRecord[] | null,
  total: number | undefined,
  filtered: boolean
): string {
  if (records === null || total === undefined) {
    return '';
  }
  const shown = records.length;
  const all = Math.max(total, shown);
  if (filtered && all === shown) {
    return tn('%1 record matches', '%1 records match', shown);
  }
  const counted = t('%1 of %2', shown.toLocaleString(), tn('%1 record', '%1 records', all));
  return filtered ? t('%1 that match', counted) : counted;
}

/** New rows come in above without moving the row that somebody reads. */
function useStay(
  scroll: React.RefObject<HTMLDivElement>,
  records: AuditRecord[] | null,
  reading: boolean,
  setAbove: (count: number) => void
): void {
  const before = useRef({ newest: 0, oldest: 0, height: 0 });
  useLayoutEffect(() => {
    const element = scroll.current;
    if (!element) {
      return;
    }
    const newest = records?.[0]?.number ?? 0;
    const oldest = records?.at(-1)?.number ?? 0;
    const was = before.current;
    if (was.newest > 0 && newest > was.newest && oldest === was.oldest) {
      if (reading || element.scrollTop > 0) {
        element.scrollTop += element.scrollHeight - was.height;
      } else {
        setAbove(0);
      }
    }
    before.current = { newest, oldest, height: element.scrollHeight };
  });
}

/** Arrows go from row to row. */
function moveBetweenRows(event: KeyboardEvent<HTMLDivElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') {
    return;
  }
  const buttons = [...event.currentTarget.querySelectorAll<HTMLElement>('.da-audit-arrow button')];
  const index = buttons.indexOf(event.target as HTMLElement);
  const next = buttons[index + (event.key === 'ArrowDown' ? 1 : -1)];
  if (index >= 0 && next) {
    event.preventDefault();
    next.focus();
  }
}

function Export({
  workspaceId,
  filter,
  name
}: {
  workspaceId: string | null;
  filter: AuditFilter;
  name: string;
}): JSX.Element {
  const { api } = useHost();
  const announce = useAnnounce();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (format: AuditFormat): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const file = await api.exportAudit(workspaceId, filter, format);
      downloadFile(fileName(t('Audit log %1', name), format === 'csv' ? 'csv' : 'jsonl'), file);
      announce(t('The file is downloaded'));
    } catch (reason) {
      setError(asApiError(reason));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Menu
        label={t('Export')}
        align="end"
        trigger={
          <Button icon="download" busy={busy ? t('Exporting …') : undefined}>
            {t('Export')}
            <Icon name="chevron-down" />
          </Button>
        }
        items={[
          { key: 'csv', label: t('CSV'), detail: t('For spreadsheets, with the filters above'), onSelect: () => void run('csv') },
          { key: 'json', label: t('JSON lines'), detail: t('Every field, for programs'), onSelect: () => void run('json') }
        ]}
      />
      {error && (
        <div className="da-audit-wide">
          <ErrorNote error={error} />
        </div>
      )}
    </>
  );
}
