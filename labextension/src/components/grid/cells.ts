import type { Cell, ResultColumn } from '../../api/types';

/** True for values that line up at the right. */
export function isNumeric(column: ResultColumn): boolean {
  return column.kind === 'integer' || column.kind === 'number';
}

const IDENTIFIER = /(^|_)(id|key|code|year|zip)$/i;

/** A cell as it is read. Identifiers and years take no thousands separators. */
export function cellText(value: Cell | undefined, column: ResultColumn): string {
  if (value === null || value === undefined) {
    return 'null';
  }
  if (typeof value === 'number' && isNumeric(column)) {
    const grouping = !IDENTIFIER.test(column.name);
    return value
      .toLocaleString(undefined, { maximumFractionDigits: 6, useGrouping: grouping })
      .replace('-', '−');
  }
  return plainText(value);
}

/** A cell as it is copied or exported: no separators, ISO dates, nothing for null. */
export function plainText(value: Cell | undefined): string {
  if (value === null || value === undefined) {
    return '';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Tabs and line breaks would make more cells than there are. */
export function toTsv(rows: (Cell | undefined)[][]): string {
  return rows.map(row => row.map(cell => plainText(cell).replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
}

/** CSV as in RFC 4180. Text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function toCsv(columns: ResultColumn[], rows: Cell[][]): string {
  const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const safe = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
  const head = columns.map(column => field(safe(column.name)));
  const body = rows.map(row =>
    columns.map((column, index) => {
      const text = plainText(row[index]);
      return field(isNumeric(column) ? text : safe(text));
    })
  );
  return [head, ...body].map(line => line.join(',')).join('\r\n') + '\r\n';
}

/** Widths from the first rows, in characters, so that the columns don't jump when more rows arrive. */
export function columnWidths(columns: ResultColumn[], rows: Cell[][]): number[] {
  return columns.map((column, index) => {
    let longest = column.name.length + 1;
    for (const row of rows.slice(0, 60)) {
      longest = Math.max(longest, cellText(row[index], column).length);
    }
    return Math.min(320, Math.max(72, Math.round(longest * 7.8 + 24)));
  });
}
