import type { Catalog, CatalogColumn, CatalogTable, Connection } from '../../api/types';

/** What the tree knows of one connection. */
export interface Source {
  connection: Connection;
  catalog: Catalog | undefined;
  loading: boolean;
  error: string | null;
}

interface Base {
  id: string;
  parent: string | null;
  level: number;
  /** Undefined for leaves. */
  expanded?: boolean;
  label: string;
}
export type TreeNode = Base &
  (
    | { kind: 'connection'; source: Source }
    | { kind: 'schema'; count: number }
    | { kind: 'table'; source: Source; table: CatalogTable }
    | { kind: 'column'; source: Source; table: CatalogTable; column: CatalogColumn }
    | { kind: 'more'; count: number; group: string }
    | { kind: 'loading' }
    | { kind: 'none' }
  );

/** Longer groups show this many tables until asked for more. */
const GROUP = 100;
const FOUND = 200;

interface TreeState {
  open: ReadonlySet<string>;
  /** Groups that show all of their tables. */
  whole: ReadonlySet<string>;
  search: string;
}

/** The lines of the tree, top to bottom. A search opens what it finds. */
export function flatten(sources: Source[], { open, whole, search }: TreeState): TreeNode[] {
  const wanted = search.trim().toLowerCase();
  return sources.flatMap(source => connectionNodes(source, open, whole, wanted));
}

function connectionNodes(
  source: Source,
  open: ReadonlySet<string>,
  whole: ReadonlySet<string>,
  wanted: string
): TreeNode[] {
  const { connection, catalog } = source;
  const searching = wanted !== '';
  const id = connection.id;
  const expanded = searching ? catalog !== undefined || source.loading : open.has(id);
  const head: TreeNode = { kind: 'connection', id, parent: null, level: 1, expanded, label: connection.name, source };
  if (!expanded) {
    return [head];
  }
  if (!catalog) {
    return source.loading
      ? [head, { kind: 'loading', id: `${id}/loading`, parent: id, level: 2, label: '' }]
      : [head];
  }
  const tables = searching ? catalog.tables.filter(table => tableMatches(table, wanted)) : catalog.tables;
  if (searching && tables.length === 0) {
    return [];
  }
  if (tables.length === 0) {
    return [head, { kind: 'none', id: `${id}/none`, parent: id, level: 2, label: '' }];
  }
  const schemas = [...new Set(catalog.tables.map(table => table.schema_name))];
  if (schemas.length <= 1) {
    return [head, ...tableNodes(source, tables, { parent: id, level: 2, open, whole, wanted })];
  }
  const nodes: TreeNode[] = [head];
  for (const schema of schemas) {
    const inside = tables.filter(table => table.schema_name === schema);
    if (inside.length === 0) {
      continue;
    }
    const key = `${id}/${schema ?? ''}`;
    const shown = searching || open.has(key);
    nodes.push({
      kind: 'schema',
      id: key,
      parent: id,
      level: 2,
      expanded: shown,
      label: schema ?? '',
      count: inside.length
    });
    if (shown) {
      nodes.push(...tableNodes(source, inside, { parent: key, level: 3, open, whole, wanted }));
    }
  }
  return nodes;
}

interface Group {
  parent: string;
  level: number;
  open: ReadonlySet<string>;
  whole: ReadonlySet<string>;
  wanted: string;
}

function tableNodes(source: Source, tables: CatalogTable[], group: Group): TreeNode[] {
  const { parent, level, open, whole, wanted } = group;
  const limit = wanted !== '' ? FOUND : whole.has(parent) ? Infinity : GROUP;
  const nodes: TreeNode[] = [];
  for (const table of tables.slice(0, limit)) {
    const id = `${source.connection.id}/${table.schema_name ?? ''}/${table.name}`;
    const columns =
      wanted !== '' && !table.name.toLowerCase().includes(wanted)
        ? table.columns.filter(column => column.name.toLowerCase().includes(wanted))
        : table.columns;
    // A search shows the columns that it found; a table that was found by name stays closed until it is opened.
    const expanded = open.has(id) || columns.length < table.columns.length;
    nodes.push({ kind: 'table', id, parent, level, expanded, label: table.name, source, table });
    if (expanded) {
      for (const column of columns) {
        nodes.push({
          kind: 'column',
          id: `${id}/${column.name}`,
          parent: id,
          level: level + 1,
          label: column.name,
          source,
          table,
          column
        });
      }
    }
  }
  if (tables.length > limit) {
    nodes.push({ kind: 'more', id: `${parent}/more`, parent, level, label: '', count: tables.length - limit, group: parent });
  }
  return nodes;
}

function tableMatches(table: CatalogTable, wanted: string): boolean {
  return (
    table.name.toLowerCase().includes(wanted) ||
    table.columns.some(column => column.name.toLowerCase().includes(wanted))
  );
}

export type TreeAction =
  | { type: 'focus'; id: string }
  | { type: 'open'; id: string }
  | { type: 'close'; id: string }
  | { type: 'activate'; id: string };

/** What a key does in a tree (the APG pattern); null when it does nothing. */
export function treeKey(nodes: TreeNode[], current: string, key: string): TreeAction | null {
  const index = nodes.findIndex(node => node.id === current);
  const node = nodes[index];
  if (!node) {
    const first = nodes[0];
    return first ? { type: 'focus', id: first.id } : null;
  }
  const to = (target: TreeNode | undefined): TreeAction | null => (target ? { type: 'focus', id: target.id } : null);
  switch (key) {
    case 'ArrowDown':
      return to(nodes[index + 1]);
    case 'ArrowUp':
      return to(nodes[index - 1]);
    case 'Home':
      return to(nodes[0]);
    case 'End':
      return to(nodes.at(-1));
    case 'ArrowRight':
      if (node.expanded === false) {
        return { type: 'open', id: node.id };
      }
      return nodes[index + 1]?.parent === node.id ? to(nodes[index + 1]) : null;
    case 'ArrowLeft':
      if (node.expanded === true) {
        return { type: 'close', id: node.id };
      }
      return to(nodes.find(each => each.id === node.parent));
    case 'Enter':
    case ' ':
      return { type: 'activate', id: node.id };
    default:
      return key.length === 1 ? to(typeAhead(nodes, index, key)) : null;
  }
}

/** The next line that starts with the letter. */
function typeAhead(nodes: TreeNode[], index: number, letter: string): TreeNode | undefined {
  const wanted = letter.toLowerCase();
  const order = [...nodes.slice(index + 1), ...nodes.slice(0, index)];
  return order.find(node => node.label.toLowerCase().startsWith(wanted));
}
