import { useVirtualizer } from '@tanstack/react-virtual';
import type { KeyboardEvent } from 'react';
import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';

import type { Cell, ResultColumn } from '../../api/types';
import { t, tn } from '../../i18n';
import { copyText } from '../clipboard';
import { useAnnounce } from '../ui/live';
import { cellText, columnWidths, isNumeric, toTsv } from './cells';
import type { Position } from './keys';
import { moved, range } from './keys';

interface DataGridProps {
  label: string;
  columns: ResultColumn[];
  /** Rows by index; those that are not loaded yet are undefined. */
  row(index: number): Cell[] | undefined;
  rowCount: number;
  /** Called with the rows in sight. */
  onVisible?: ((first: number, last: number) => void) | undefined;
  maxHeight?: number | undefined;
}

const NUMBERS_WIDTH = 44;

/** A table of any length: only the rows in sight are in the document. */
export function DataGrid({ label, columns, row, rowCount, onVisible, maxHeight }: DataGridProps): JSX.Element {
  const id = useId();
  const announce = useAnnounce();
  const viewport = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<Position>({ row: 0, column: 0 });
  const [anchor, setAnchor] = useState<Position>({ row: 0, column: 0 });
  const [focused, setFocused] = useState(false);
  const [rowHeight, setRowHeight] = useState(28);

  useEffect(() => {
    const height = viewport.current && parseFloat(getComputedStyle(viewport.current).getPropertyValue('--da-row-h'));
    if (height !== null && Number.isFinite(height) && height > 0) {
      setRowHeight(height);
    }
  }, []);

  const first = useMemo(() => {
    const rows: Cell[][] = [];
    for (let index = 0; index < Math.min(60, rowCount); index++) {
      const cells = row(index);
      if (cells) {
        rows.push(cells);
      }
    }
    return rows;
    // The widths follow the first rows only: later pages must not move the columns.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [columns, rowCount === 0]);
  const widths = useMemo(() => columnWidths(columns, first), [columns, first]);
  const template = `${NUMBERS_WIDTH}px ${widths.map(width => `${width}px`).join(' ')} minmax(0, 1fr)`;
  const total = NUMBERS_WIDTH + widths.reduce((sum, width) => sum + width, 0);

  const virtual = useVirtualizer({
    count: rowCount,
    getScrollElement: () => viewport.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialRect: { width: 600, height: maxHeight ?? 320 }
  });
  const items = virtual.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  useEffect(() => onVisible?.(from, to), [onVisible, from, to]);

  const selection = range(anchor, active);
  const copy = useCallback(async () => {
    const rows: (Cell | undefined)[][] = [];
    for (let r = selection.top; r <= selection.bottom; r++) {
      rows.push((row(r) ?? []).slice(selection.left, selection.right + 1));
    }
    const single = rows.length === 1 && rows[0]?.length === 1;
    const head = columns.slice(selection.left, selection.right + 1).map(column => column.name);
    const text = single ? toTsv(rows) : toTsv([head, ...rows]);
    if (await copyText(text)) {
      announce(tn('%1 row copied', '%1 rows copied', rows.length));
    }
  }, [announce, columns, row, selection.bottom, selection.left, selection.right, selection.top]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 'c') {
      event.preventDefault();
      void copy();
      return;
    }
    if (command && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      setAnchor({ row: 0, column: 0 });
      setActive({ row: rowCount - 1, column: columns.length - 1 });
      return;
    }
    const page = Math.max(1, Math.floor((viewport.current?.clientHeight ?? 280) / rowHeight) - 2);
    const next = moved(active, event.key, { rows: rowCount, columns: columns.length, page, command });
    if (next) {
      event.preventDefault();
      setActive(next);
      if (!event.shiftKey) {
        setAnchor(next);
      }
      virtual.scrollToIndex(next.row);
      scrollToColumn(viewport.current, widths, next.column);
    }
  };

  const cellId = (position: Position): string => `${id}-${position.row}-${position.column}`;
  return (
    <div
      ref={viewport}
      className="da-grid"
      role="grid"
      aria-label={label}
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={focused && rowCount > 0 ? cellId(active) : undefined}
      tabIndex={0}
      style={maxHeight === undefined ? undefined : { maxHeight }}
      onKeyDown={onKeyDown}
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
    >
      <div
        className="da-grid-head"
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: template, minWidth: total }}
      >
        <span className="da-grid-no" />
        {columns.map((column, index) => (
          <span
            key={index}
            role="columnheader"
            aria-colindex={index + 1}
            className={isNumeric(column) ? 'da-grid-right' : undefined}
            title={`${column.name}, ${column.type}`}
          >
            {column.name}
          </span>
        ))}
      </div>
      <div role="rowgroup" style={{ height: virtual.getTotalSize(), minWidth: total, position: 'relative' }}>
        {items.map(item => {
          const cells = row(item.index);
          return (
            <div
              key={item.key}
              role="row"
              aria-rowindex={item.index + 2}
              className="da-grid-row"
              style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${item.start}px)` }}
            >
              <span className="da-grid-no" aria-hidden="true">
                {item.index + 1}
              </span>
              {columns.map((column, index) => {
                const value = cells?.[index];
                const inside =
                  focused &&
                  item.index >= selection.top &&
                  item.index <= selection.bottom &&
                  index >= selection.left &&
                  index <= selection.right;
                const here = focused && item.index === active.row && index === active.column;
                const classes = [
                  isNumeric(column) ? 'da-grid-right' : '',
                  cells && value === null ? 'da-grid-null' : '',
                  inside ? 'da-grid-in' : '',
                  here ? 'da-grid-here' : ''
                ];
                return (
                  <span
                    key={index}
                    id={cellId({ row: item.index, column: index })}
                    role="gridcell"
                    aria-colindex={index + 1}
                    aria-selected={inside}
                    className={classes.filter(Boolean).join(' ') || undefined}
                    onMouseDown={event => {
                      const position = { row: item.index, column: index };
                      setActive(position);
                      if (!event.shiftKey) {
                        setAnchor(position);
                      }
                    }}
                  >
                    {cells ? cellText(value, column) : '…'}
                  </span>
                );
              })}
            </div>
          );
        })}
      </div>
      {rowCount === 0 && <p className="da-grid-empty">{t('No rows')}</p>}
    </div>
  );
}

/** Keeps the active column in sight. */
function scrollToColumn(viewport: HTMLElement | null, widths: number[], column: number): void {
  if (!viewport) {
    return;
  }
  const start = NUMBERS_WIDTH + widths.slice(0, column).reduce((sum, width) => sum + width, 0);
  const end = start + (widths[column] ?? 0);
  if (start - NUMBERS_WIDTH < viewport.scrollLeft) {
    viewport.scrollLeft = start - NUMBERS_WIDTH;
  } else if (end > viewport.scrollLeft + viewport.clientWidth) {
    viewport.scrollLeft = end - viewport.clientWidth;
  }
}
