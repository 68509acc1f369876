/** A question's SQL as Python that runs in any notebook with DataAsk. */
export interface CellSource {
  question: string;
  sql: string;
  connection: string;
}

/**
 * Escapes text for lines of their own inside a Python `"""…"""` literal: it can neither end it nor start an escape.
 */
export function tripleQuoted(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('"""', '\\"\\"\\"')
    .replaceAll('\r', '\\r')
    .replaceAll('\0', '\\x00');
}

/** Text as a Python string literal on one line. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, letter => {
    // JSON and Python agree on \uXXXX; what is readable stays readable.
    return /[\p{L}\p{N}\p{P}\p{S} ]/u.test(letter) || /[\ud800-\udfff]/.test(letter)
      ? letter
      : `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The cell that "Insert as cell" makes. */
export function cellCode({ question, sql, connection }: CellSource): string {
  // A comment ends at any line break, the Unicode ones included.
  const comment = question.replace(/[\s\u0085\u2028\u2029]+/g, ' ').trim();
  return [
    `# ${comment}`,
    'import dataask_jupyter as da',
    `df = da.sql("""\n${tripleQuoted(sql.trim())}\n""", connection=${quoted(connection)})`,
    'df'
  ].join('\n');
}

/** What a notebook widget raises to have a cell inserted below its own; whoever does it prevents the default. */
export const INSERT_EVENT = 'dataask:insert-cell';
export interface InsertDetail {
  code: string;
}
