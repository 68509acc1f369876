import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';

import type { Cell, ResultColumn } from '../src/api/types';
import { DataGrid } from '../src/components/grid/DataGrid';
import { cellText, columnWidths, toCsv, toTsv } from '../src/components/grid/cells';
import { moved, range } from '../src/components/grid/keys';
import { fakeApi } from './fake';
import { makeHost, show } from './render';

const columns: ResultColumn[] = [
  { name: 'name', type: 'string', kind: 'text' },
  { name: 'total', type: 'double', kind: 'number' },
  { name: 'flight_id', type: 'int64', kind: 'integer' }
];
const HOSTILE = '<img src=x onerror=alert(1)>';

describe('cells', () => {
  const [name, total, id] = columns as [ResultColumn, ResultColumn, ResultColumn];
  it('shows numbers with separators, ids without, and names null', () => {
    expect(cellText(4723118.25, total)).toBe((4723118.25).toLocaleString());
    expect(cellText(-3, total)).toBe('−3');
    expect(cellText(104882, id)).toBe('104882');
    expect(cellText(null, name)).toBe('null');
    expect(cellText('9007199254740993', id)).toBe('9007199254740993');
    expect(cellText({ a: [1] }, { name: 'j', type: 'json', kind: 'json' })).toBe('{"a":[1]}');
  });

  it('copies as one cell per cell', () => {
    expect(toTsv([['a\tb', null], ['c\nd', 1]])).toBe('a b\t\nc d\t1');
  });

  it('writes CSV that no spreadsheet runs', () => {
    const rows: Cell[][] = [
      ['=HYPERLINK("x")', -5, 1],
      ['a,"b"\nc', null, 2],
      ['@sum', 0.5, 3]
    ];
    expect(toCsv(columns, rows)).toBe(
      'name,total,flight_id\r\n"\'=HYPERLINK(""x"")",-5,1\r\n"a,""b""\nc",,2\r\n\'@sum,0.5,3\r\n'
    );
  });

  it('keeps widths within bounds', () => {
    const widths = columnWidths(columns, [['x'.repeat(500), 1, 2]]);
    expect(widths[0]).toBe(320);
    expect(widths[2]).toBeGreaterThanOrEqual(72);
  });
});

describe('keys', () => {
  const bounds = { rows: 100, columns: 3, page: 10, command: false };
  it('moves and stops at the edges', () => {
    expect(moved({ row: 0, column: 0 }, 'ArrowUp', bounds)).toEqual({ row: 0, column: 0 });
    expect(moved({ row: 95, column: 1 }, 'PageDown', bounds)).toEqual({ row: 99, column: 1 });
    expect(moved({ row: 5, column: 1 }, 'End', bounds)).toEqual({ row: 5, column: 2 });
    expect(moved({ row: 5, column: 1 }, 'Home', { ...bounds, command: true })).toEqual({ row: 0, column: 0 });
    expect(moved({ row: 5, column: 1 }, 'x', bounds)).toBeNull();
    expect(moved({ row: 0, column: 0 }, 'ArrowDown', { ...bounds, rows: 0 })).toBeNull();
  });
  it('spans a rectangle either way', () => {
    expect(range({ row: 5, column: 2 }, { row: 1, column: 0 })).toEqual({ top: 1, bottom: 5, left: 0, right: 2 });
  });
});

describe('DataGrid', () => {
  const rows: Cell[][] = Array.from({ length: 10_000 }, (_, index) => [`row ${index}`, index, index]);
  it('has only the rows in sight, and counts all', () => {
    show(makeHost(fakeApi()), <DataGrid label="Rows" columns={columns} row={index => rows[index]} rowCount={10_000} />);
    const grid = screen.getByRole('grid', { name: 'Rows' });
    expect(grid.getAttribute('aria-rowcount')).toBe('10001');
    expect(screen.getAllByRole('row').length).toBeLessThan(60);
    expect(screen.getByText('row 0')).toBeTruthy();
  });

  it('shows markup as text', () => {
    const hostile: ResultColumn[] = [{ name: HOSTILE, type: 'string', kind: 'text' }];
    const { container } = show(
      makeHost(fakeApi()),
      <DataGrid label={HOSTILE} columns={hostile} row={() => [HOSTILE]} rowCount={1} />
    );
    expect(screen.getAllByText(HOSTILE)).toHaveLength(2);
    expect(container.querySelector('img')).toBeNull();
  });

  it('copies the selected cells with their names', async () => {
    const write = vi.fn(async () => undefined);
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: write } });
    show(makeHost(fakeApi()), <DataGrid label="Rows" columns={columns} row={index => rows[index]} rowCount={3} />);
    const grid = screen.getByRole('grid');
    grid.focus();
    fireEvent.keyDown(grid, { key: 'ArrowDown' });
    fireEvent.keyDown(grid, { key: 'ArrowDown', shiftKey: true });
    fireEvent.keyDown(grid, { key: 'ArrowRight', shiftKey: true });
    fireEvent.keyDown(grid, { key: 'c', ctrlKey: true });
    expect(write).toHaveBeenCalledWith('name\ttotal\nrow 1\t1\nrow 2\t2');
    expect(grid.getAttribute('aria-activedescendant')).toMatch(/-2-1$/);
  });
});
