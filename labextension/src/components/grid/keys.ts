export interface Position {
  row: number;
  column: number;
}

interface Bounds {
  rows: number;
  columns: number;
  page: number;
  /** Ctrl, or Cmd on a Mac: to the very end. */
  command: boolean;
}

/** Where a key takes the active cell; null when the key means nothing to a grid. */
export function moved(from: Position, key: string, { rows, columns, page, command }: Bounds): Position | null {
  if (rows === 0 || columns === 0) {
    return null;
  }
  const last = { row: rows - 1, column: columns - 1 };
  const to = (row: number, column: number): Position => ({
    row: Math.min(last.row, Math.max(0, row)),
    column: Math.min(last.column, Math.max(0, column))
  });
  switch (key) {
    case 'ArrowDown':
      return to(command ? last.row : from.row + 1, from.column);
    case 'ArrowUp':
      return to(command ? 0 : from.row - 1, from.column);
    case 'ArrowRight':
      return to(from.row, command ? last.column : from.column + 1);
    case 'ArrowLeft':
      return to(from.row, command ? 0 : from.column - 1);
    case 'Home':
      return to(command ? 0 : from.row, 0);
    case 'End':
      return to(command ? last.row : from.row, last.column);
    case 'PageDown':
      return to(from.row + page, from.column);
    case 'PageUp':
      return to(from.row - page, from.column);
    default:
      return null;
  }
}

/** The rectangle between two cells. */
export function range(a: Position, b: Position): { top: number; bottom: number; left: number; right: number } {
  return {
    top: Math.min(a.row, b.row),
    bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column),
    right: Math.max(a.column, b.column)
  };
}
