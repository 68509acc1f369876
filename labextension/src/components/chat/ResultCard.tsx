import type { ReactNode } from 'react';
import { useCallback, useState } from 'react';

import type { ApiError } from '../../api/problems';
import { asApiError } from '../../api/problems';
import type { Cell, ChartType, Message, MessageAnswer } from '../../api/types';
import { duration, rows as rowsText } from '../../format';
import { t } from '../../i18n';
import { ChartView } from '../chart/ChartView';
import { copyText, download, fileName } from '../clipboard';
import { DataGrid } from '../grid/DataGrid';
import { toCsv } from '../grid/cells';
import { useRows } from '../grid/useRows';
import { useHost } from '../host';
import type { IconName } from '../icons';
import { Icon } from '../icons';
import { Sql } from '../sql';
import { Button, IconButton } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { useAnnounce } from '../ui/live';
import { Menu } from '../ui/menu';
import { ErrorNote } from '../ui/note';
import { Segmented } from '../ui/segmented';
import { useChatContext } from './context';
import { usePatchMessage } from './useChat';

const TYPES: { type: ChartType; label: string; icon: IconName }[] = [
  { type: 'metric', label: 'Number', icon: 'hash' },
  { type: 'line', label: 'Line', icon: 'chart-line' },
  { type: 'area', label: 'Area', icon: 'chart-area' },
  { type: 'bar', label: 'Bar', icon: 'chart-column' },
  { type: 'pie', label: 'Pie', icon: 'chart-pie' },
  { type: 'scatter', label: 'Scatter', icon: 'chart-scatter' },
  { type: 'table', label: 'Table', icon: 'table-2' }
];

/** Rows asked for at once when a whole result becomes a file. */
const EXPORT_PAGE = 10_000;

export interface ResultView {
  /** What shows now; null when there is nothing to show. */
  type: ChartType;
  choose(type: ChartType): void;
  error: ApiError | null;
  pending: boolean;
}

/** Which chart shows, and how to choose another: the choice is kept with the answer. */
export function useChartChoice(message: Message, answer: MessageAnswer): ResultView {
  const { api } = useHost();
  const { workspaceId, mayEdit } = useChatContext();
  const patchMessage = usePatchMessage(workspaceId);
  const [wanted, setWanted] = useState<ChartType | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const choose = useCallback(
    (type: ChartType) => {
      if (!mayEdit) {
        // The choice isn't kept: the rows show until the panel closes.
        setWanted(type === 'table' ? 'table' : null);
        return;
      }
      setWanted(type);
      setError(null);
      api.chooseChart(message.id, type).then(
        chart => {
          patchMessage(message, known => (known.answer ? { ...known, answer: { ...known.answer, chart } } : known));
          setWanted(null);
        },
        (reason: unknown) => {
          setError(asApiError(reason));
          // Every result has rows, so the table needs no server.
          setWanted(type === 'table' ? 'table' : null);
        }
      );
    },
    [api, mayEdit, message, patchMessage]
  );
  const type = wanted === 'table' ? 'table' : answer.chart.type;
  return { type, choose, error: wanted === 'table' ? null : error, pending: wanted !== null && wanted !== 'table' };
}

export function ChartSwitch({ answer, view }: { answer: MessageAnswer; view: ResultView }): JSX.Element | null {
  const { mayEdit } = useChatContext();
  const others = mayEdit ? answer.chart.alternatives.map(each => each.type) : [];
  const possible = new Set<ChartType>([answer.chart.type, 'table', ...others]);
  const shown = TYPES.filter(each => possible.has(each.type));
  if (shown.length < 2) {
    return null;
  }
  return (
    <Segmented
      label={t('Show as')}
      value={view.type}
      onChange={value => view.choose(value as ChartType)}
      options={shown.map(each => ({ value: each.type, label: t(each.label), icon: each.icon }))}
    />
  );
}

/** Copy SQL, Download CSV, Why this chart. */
export function ResultMenu({
  answer,
  extra = []
}: {
  answer: MessageAnswer;
  extra?: Parameters<typeof Menu>[0]['items'];
}): JSX.Element {
  const { api } = useHost();
  const announce = useAnnounce();
  const [why, setWhy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const csv = async (): Promise<void> => {
    try {
      const rows: Cell[][] = [...answer.result.rows];
      while (answer.query_id !== null && rows.length < answer.result.total_rows) {
        const page = await api.rows(answer.query_id, rows.length, EXPORT_PAGE);
        if (page.rows.length === 0) {
          break;
        }
        rows.push(...page.rows);
      }
      // The mark at the start tells spreadsheets that the file is UTF-8.
      const text = `\ufeff${toCsv(answer.result.columns, rows)}`;
      download(fileName(answer.chart.title || answer.understood, 'csv'), 'text/csv;charset=utf-8', text);
    } catch (reason) {
      setError(asApiError(reason));
    }
  };
  return (
    <>
      <Menu
        label={t('More chart options')}
        align="end"
        trigger={<IconButton icon="ellipsis" label={t('More chart options')} />}
        items={[
          ...extra,
          {
            key: 'sql',
            label: t('Copy SQL'),
            icon: 'copy',
            onSelect: () => void copyText(answer.sql).then(done => announce(done ? t('SQL copied') : t('Not copied')))
          },
          { key: 'csv', label: t('Download CSV'), icon: 'download', onSelect: () => void csv() },
          { key: 'why', label: t('Why this chart'), icon: 'info', onSelect: () => setWhy(true) }
        ]}
      />
      <Dialog open={why} onOpenChange={setWhy} title={t('Why this chart')}>
        <p>{answer.chart.reason || t('The table shows every row as it is.')}</p>
        {answer.chart.locked && <p className="da-muted">{t('You chose it; it stays until you choose another.')}</p>}
        {answer.chart.alternatives.length > 0 && (
          <dl className="da-why">
            {answer.chart.alternatives.map(each => (
              <div key={each.type}>
                <dt>{t(TYPES.find(known => known.type === each.type)?.label ?? each.type)}</dt>
                <dd>{each.reason}</dd>
              </div>
            ))}
          </dl>
        )}
      </Dialog>
      <Dialog open={error !== null} onOpenChange={() => setError(null)} title={t('The file wasn’t made')}>
        {error && <ErrorNote error={error} />}
      </Dialog>
    </>
  );
}

/** The rows of an answer. */
export function ResultTable({ answer }: { answer: MessageAnswer }): JSX.Element {
  const { api } = useHost();
  const { query_id: query, result } = answer;
  const load = useCallback(
    (offset: number, limit: number) => api.rows(query ?? '', offset, limit),
    [api, query]
  );
  const { row, rowCount, onVisible, error } = useRows(result, query === null ? null : load);
  return (
    <div className="da-result-table">
      <DataGrid
        label={answer.chart.title || answer.understood}
        columns={result.columns}
        row={row}
        rowCount={rowCount}
        onVisible={onVisible}
        maxHeight={320}
      />
      {error && <ErrorNote error={error} />}
      {result.truncated && (
        <p className="da-hint">{t('A limit cut this result: %1 are here, and very long values are shortened.', rowsText(result.total_rows))}</p>
      )}
    </div>
  );
}

export function sqlFacts(answer: MessageAnswer): string {
  return [rowsText(answer.result.total_rows), duration(answer.elapsed_ms)].join(' · ');
}

/** Chart or table, whichever is chosen. */
export function ResultBody({ answer, view }: { answer: MessageAnswer; view: ResultView }): JSX.Element {
  if (answer.chart.type === 'empty') {
    return (
      <div className="da-empty da-empty--plain">
        <Icon name="search" size={20} />
        <b>{t('No rows for this question')}</b>
        <p>{answer.detail ?? t('Nothing in the data matches all of it. The assumptions above can be changed.')}</p>
      </div>
    );
  }
  return (
    <>
      {view.type === 'table' ? (
        <ResultTable answer={answer} />
      ) : (
        <div className={view.pending ? 'da-plot-frame da-plot-frame--old' : 'da-plot-frame'} aria-busy={view.pending}>
          <ChartView chart={answer.chart} result={answer.result} />
        </div>
      )}
      {view.error && <ErrorNote error={view.error} />}
    </>
  );
}

/** A copy button that says when it is done. */
export function CopyButton({ text, label, done }: { text: string; label: string; done: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const announce = useAnnounce();
  const onClick = async (): Promise<void> => {
    if (await copyText(text)) {
      setCopied(true);
      announce(done);
      globalThis.setTimeout(() => setCopied(false), 2_000);
    }
  };
  return (
    <Button variant="quiet" small icon={copied ? 'check' : 'copy'} onClick={() => void onClick()}>
      {copied ? done : label}
    </Button>
  );
}

/** The answer's SQL, closed at first; on a phone a sheet of its own. */
export function SqlPart({ answer, open, onOpenChange }: SqlPartProps): JSX.Element {
  const { narrow } = useChatContext();
  if (narrow) {
    return (
      <>
        <button type="button" className="da-disclosure" onClick={() => onOpenChange(true)}>
          <Icon name="code" />
          <span className="da-grow">
            SQL <span className="da-muted">· {sqlFacts(answer).replace(' · ', ', ')}</span>
          </span>
          <Icon name="chevron-right" />
        </button>
        <Dialog open={open} onOpenChange={onOpenChange} title="SQL" kind="sheet">
          <SqlSheet answer={answer} />
        </Dialog>
      </>
    );
  }
  return (
    <div className="da-sql-part">
      <div className="da-disclosure">
        <button type="button" className="da-disclosure-toggle" aria-expanded={open} onClick={() => onOpenChange(!open)}>
          <Icon name={open ? 'chevron-down' : 'chevron-right'} />
          <b>SQL</b>
          <span className="da-muted da-trunc">
            {answer.connection_name} · {sqlFacts(answer)} · {t('checked read-only')}
          </span>
        </button>
        <CopyButton text={answer.sql} label={t('Copy')} done={t('Copied')} />
      </div>
      {open && <Sql text={answer.sql} />}
    </div>
  );
}

interface SqlPartProps {
  answer: MessageAnswer;
  open: boolean;
  onOpenChange(open: boolean): void;
}

function SqlSheet({ answer }: { answer: MessageAnswer }): ReactNode {
  return (
    <>
      <p className="da-hint">
        {answer.connection_name} · {sqlFacts(answer)} · {t('checked read-only')}
      </p>
      <Sql text={answer.sql} />
      <CopyButton text={answer.sql} label={t('Copy')} done={t('Copied')} />
    </>
  );
}
