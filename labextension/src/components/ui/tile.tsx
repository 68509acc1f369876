import { initials } from '../../format';

/** Each kind keeps its colour wherever it shows. */
const COLOURS: Record<string, string> = {
  duckdb: '--da-c-5',
  sqlite: '--da-c-8',
  postgresql: '--da-c-1',
  mysql: '--da-c-2'
};
const TILES: Record<string, string> = { duckdb: 'Dk', sqlite: 'Sl', postgresql: 'Pg', mysql: 'My' };

/** The two letters of a kind of source. */
export function tileOf(kind: string): string {
  return TILES[kind] ?? initials(kind).slice(0, 1) + kind.slice(1, 2);
}

export function SourceTile({ kind, tile }: { kind: string; tile?: string | undefined }): JSX.Element {
  const colour = COLOURS[kind] ?? '--da-c-3';
  return (
    <span className="da-src" style={{ ['--src' as string]: `var(${colour})` }} aria-hidden="true">
      {TILES[kind] ?? tile ?? tileOf(kind)}
    </span>
  );
}

export function WorkspaceTile({ name }: { name: string }): JSX.Element {
  return (
    <span className="da-src" style={{ ['--src' as string]: 'var(--da-c-1)' }} aria-hidden="true">
      {initials(name)}
    </span>
  );
}
