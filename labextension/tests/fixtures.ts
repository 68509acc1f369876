import type {
  Catalog,
  Connection,
  ConnectionKind,
  Conversation,
  ConversationDetail,
  Me,
  Message,
  MessageAnswer,
  Permission,
  ResultPage,
  Workspace
} from '../src/api/types';

export const id = (number: number): string => number.toString(16).padStart(32, '0');
const TIME = '2026-11-23T03:00:00Z';
export const WS = id(1);

export const PERMISSIONS: readonly Permission[] = [
  'workspace.read',
  'workspace.edit',
  'workspace.delete',
  'member.read',
  'member.edit',
  'invitation.edit',
  'role.edit',
  'audit.read',
  'connection.read',
  'connection.edit',
  'connection.test',
  'query.read',
  'query.run',
  'conversation.read',
  'conversation.edit'
];

export const me: Me = {
  user: { id: id(9), name: 'mara@aurora.example', display_name: 'Mara Lindqvist', email: 'mara@aurora.example', is_admin: false },
  workspace_id: WS,
  server: { version: '0.1.0', mode: 'team', mail: true, workspace_creation: true }
};

export const workspace: Workspace = {
  id: WS,
  name: 'Flight analytics',
  personal: true,
  role: 'owner',
  role_name: 'Owner',
  permissions: [...PERMISSIONS],
  time_zone: 'UTC',
  audit_days: 730,
  members: 1,
  faces: [{ id: id(9), display_name: 'Mara Lindqvist' }],
  connections: 3,
  version: 1,
  created_at: TIME
};

export function connection(number: number, name: string, kind: string, state: 'ok' | 'failed' | 'unknown'): Connection {
  return {
    id: id(100 + number),
    workspace_id: WS,
    name,
    kind,
    dialect: kind,
    settings: { path: `/data/${name}.${kind}` },
    secrets: [],
    status: {
      state,
      checked_at: TIME,
      latency_ms: state === 'ok' ? 18 : null,
      server_version: state === 'ok' ? 'DuckDB 1.5.5' : null,
      table_count: state === 'ok' ? 5 : null,
      read_only: state === 'ok' ? true : null,
      detail: state === 'failed' ? '/data/events.duckdb was not found.' : null
    },
    version: 1,
    created_at: TIME,
    updated_at: TIME
  };
}

export const connections: Connection[] = [
  connection(1, 'flights', 'duckdb', 'ok'),
  connection(2, 'flights_sqlite', 'sqlite', 'ok'),
  connection(3, 'web_events', 'duckdb', 'failed')
];

export const kinds: ConnectionKind[] = [
  {
    kind: 'duckdb',
    label: 'DuckDB',
    tile: 'Dk',
    dialect: 'duckdb',
    settings_schema: {
      type: 'object',
      required: ['path'],
      properties: {
        path: { type: 'string', title: 'Path', description: 'The file on the server.', examples: ['/data/shop.duckdb'] }
      }
    },
    notes: 'Opened read-only. Another program may not write to it at the same time.'
  },
  {
    kind: 'sqlite',
    label: 'SQLite',
    tile: 'Sl',
    dialect: 'sqlite',
    settings_schema: {
      type: 'object',
      required: ['path'],
      properties: { path: { type: 'string', title: 'Path', description: 'The file on the server.' } }
    },
    notes: ''
  }
];

export const catalog: Catalog = {
  dialect: 'duckdb',
  fetched_at: TIME,
  tables: [
    ['airlines', 16],
    ['airports', 1458],
    ['flights', 336_776],
    ['planes', 3322],
    ['weather', 26_115]
  ].map(([name, rows]) => ({
    schema_name: null,
    name: String(name),
    type: 'table' as const,
    row_estimate: Number(rows),
    comment: null,
    columns: [
      { name: 'carrier', type: 'VARCHAR', kind: 'text' as const, primary_key: name === 'airlines' },
      { name: 'time_hour', type: 'TIMESTAMP', kind: 'datetime' as const },
      { name: 'dep_delay', type: 'DOUBLE', kind: 'number' as const },
      { name: 'tailnum', type: 'VARCHAR', kind: 'text' as const, references: name === 'flights' }
    ].map(column => ({
      nullable: true,
      comment: null,
      primary_key: false,
      ...column,
      references: 'references' in column && column.references ? { schema_name: null, table: 'planes', column: 'tailnum' } : null
    }))
  }))
};

export function page(names: string[], rows: (string | number | null)[][]): ResultPage {
  return {
    columns: names.map((name, index) => {
      const sample = rows.find(row => row[index] !== null)?.[index];
      const number = typeof sample === 'number';
      return { name, type: number ? 'double' : 'string', kind: number ? ('number' as const) : ('text' as const) };
    }),
    rows,
    offset: 0,
    total_rows: rows.length,
    truncated: false
  };
}

const CARRIERS: [string, number][] = [
  ['Frontier Airlines Inc.', 20.22],
  ['ExpressJet Airlines Inc.', 19.96],
  ['Mesa Airlines Inc.', 19],
  ['AirTran Airways Corporation', 18.73],
  ['Southwest Airlines Co.', 17.71],
  ['Endeavor Air Inc.', 16.73],
  ['JetBlue Airways', 13.02]
];
const MONTHS: [string, number][] = [27004, 24951, 28834, 28330, 28796, 28243, 29425, 29327, 27574, 28889, 27268, 28135].map(
  (count, index) => [`2013-${String(index + 1).padStart(2, '0')}-01`, count]
);

function axes(kind: 'bar' | 'line'): Record<string, unknown> {
  const plain = { showgrid: false, zeroline: false, tickcolor: '--da-c-axis', linecolor: '--da-c-axis', fixedrange: true };
  const values = { showgrid: true, gridcolor: '--da-c-grid', zeroline: false, fixedrange: true, rangemode: 'tozero' };
  return kind === 'bar'
    ? { xaxis: { ...values, visible: false }, yaxis: { ...plain, automargin: true, autorange: 'reversed' }, bargap: 0.42 }
    : { xaxis: { ...plain, showline: true }, yaxis: { ...values, automargin: true } };
}

export function answer(kind: 'bar' | 'line' | 'metric' | 'empty' = 'line'): MessageAnswer {
  const bars = kind === 'bar';
  const data = bars ? CARRIERS : MONTHS;
  const names = bars ? ['airline', 'average_dep_delay'] : ['month', 'flights'];
  const result = kind === 'metric' ? page(['flights'], [[336_776]]) : page(names, kind === 'empty' ? [] : data);
  const figure = {
    data: [
      bars
        ? {
            type: 'bar',
            orientation: 'h',
            y: CARRIERS.map(each => each[0]),
            x: CARRIERS.map(each => each[1]),
            text: CARRIERS.map(each => each[1].toFixed(1)),
            textposition: 'outside',
            cliponaxis: false,
            marker: { color: '--da-c-1' },
            hovertemplate: '%{y}: %{x:.1f} min<extra></extra>'
          }
        : {
            type: 'scatter',
            mode: 'lines+markers',
            x: MONTHS.map(each => each[0]),
            y: MONTHS.map(each => each[1]),
            fill: 'tozeroy',
            fillcolor: '--da-c-1/0.1',
            line: { color: '--da-c-1', width: 2.5 },
            marker: { color: '--da-c-1', size: 6, line: { color: '--da-bg', width: 1.5 } },
            hovertemplate: '%{x|%B %Y}: %{y:,}<extra></extra>'
          }
    ],
    layout: { margin: { l: 8, r: 24, t: 8, b: 24 }, showlegend: false, ...axes(bars ? 'bar' : 'line') }
  };
  return {
    understood: bars ? 'average departure delay by airline' : 'number of flights per month',
    sentence: bars
      ? 'Frontier Airlines Inc. has the longest average departure delay: 20.2 minutes.'
      : kind === 'metric'
        ? 'There are 336,776 flights.'
        : 'July 2013 has the most flights: 29,425.',
    detail: bars ? 'US Airways has the shortest: 3.8 minutes.' : 'February has the fewest, 24,951.',
    sql: bars
      ? "SELECT a.name AS airline,\n       avg(f.dep_delay) AS average_dep_delay\nFROM flights AS f\nJOIN airlines AS a ON f.carrier = a.carrier  -- one airline per carrier\nWHERE f.dep_delay IS NOT NULL AND f.origin <> 'XXX'\nGROUP BY 1 ORDER BY 2 DESC"
      : "SELECT date_trunc('month', time_hour) AS month, count(*) AS flights\nFROM flights\nWHERE time_hour >= '2013-01-01'\nGROUP BY 1 ORDER BY 1",
    dialect: 'duckdb',
    connection_id: id(101),
    connection_name: 'flights',
    query_id: id(700),
    tables: ['flights', 'airlines'],
    result,
    chart: {
      type: kind,
      title: bars ? 'Average departure delay by airline' : 'Flights by month',
      reason: bars ? 'One number for each of a few names: bars compare best.' : 'A number over time: a line shows how it moves.',
      alternatives: kind === 'metric' ? [] : [{ type: bars ? 'line' : 'bar', reason: 'Shows single months better.' }],
      locked: false,
      x: names[0] ?? null,
      y: [kind === 'metric' ? 'flights' : (names[1] ?? '')],
      series: null,
      summary: bars ? 'Frontier is highest with 20.2, US Airways lowest with 3.8.' : 'From 27,004 to 28,135; most in July.',
      figure: kind === 'bar' || kind === 'line' ? figure : null
    },
    confidence: {
      level: bars ? 'some' : 'high',
      score: bars ? 0.7 : 0.95,
      reasons: ['Every word of the question was matched.', '“delay” could mean departure or arrival.']
    },
    assumptions: [
      {
        kind: 'measure',
        label: 'Delay =',
        value: 'average of dep_delay',
        guess: bars,
        choices: [
          { label: 'Arrival delay', detail: 'average of arr_delay', question: 'average arrival delay by airline' },
          { label: 'Total delay', detail: 'sum of dep_delay', question: 'total departure delay by airline' }
        ]
      },
      { kind: 'time', label: 'Jan–Dec 2013,', value: 'complete months', guess: false, choices: [] },
      {
        kind: 'filter',
        label: 'Cancelled flights',
        value: 'left out',
        guess: false,
        choices: [{ label: 'Counted', detail: '', question: 'flights per month with cancelled' }]
      }
    ],
    suggestions: ['The same by origin', 'Only in summer', 'Top 10 destinations'],
    elapsed_ms: 412
  };
}

export function message(number: number, question: string, change: Partial<Message> = {}): Message {
  return {
    id: id(500 + number),
    conversation_id: id(300),
    question,
    state: 'answered',
    steps: [
      { key: 'read', label: 'Read as number of flights per month', state: 'done', elapsed_ms: 12 },
      { key: 'find', label: 'Found flights.time_hour', state: 'done', elapsed_ms: 3 },
      { key: 'run', label: 'Running on flights', state: 'done', elapsed_ms: 388 },
      { key: 'chart', label: 'Choose a chart and write the answer', state: 'done', elapsed_ms: 9 }
    ],
    answer: null,
    clarification: null,
    problem: null,
    rating: null,
    created_at: TIME,
    finished_at: '2026-11-23T03:00:01.800Z',
    ...change
  };
}

export const running = message(2, 'By origin instead, and only the top 5', {
  state: 'running',
  finished_at: null,
  steps: [
    { key: 'read', label: 'Read as number of flights by origin, top 5', state: 'done', elapsed_ms: 210 },
    { key: 'find', label: 'Found airports.name, joined on flights.origin', state: 'done', elapsed_ms: 98 },
    { key: 'run', label: 'Running on flights', state: 'running', elapsed_ms: null }
  ]
});

export const ambiguous = message(3, 'Who were our best airlines last quarter?', {
  state: 'clarify',
  clarification: {
    reason: 'ambiguous',
    message: '“Best” can mean different things in this data. Which one do you mean?',
    readings: [],
    choices: [
      { label: 'Shortest departure delay', detail: 'Average of dep_delay, Oct–Dec 2013', question: 'airlines by average departure delay' },
      { label: 'Most flights', detail: 'Number of flights that were not cancelled', question: 'airlines by number of flights' },
      { label: 'Longest distance', detail: 'Sum of distance, in miles', question: 'airlines by total distance' }
    ],
    suggestions: []
  }
});

export const misspelt = message(4, 'Delays per arline in Noway', {
  state: 'clarify',
  clarification: {
    reason: 'unknown_words',
    message: 'Two words don’t match anything exactly.',
    readings: [
      {
        text: 'arline',
        meaning: 'Airline',
        detail: 'airlines.name, 16 values',
        choices: [{ label: 'Carrier', detail: 'flights.carrier', question: 'Delays per carrier in Newark' }]
      },
      { text: 'Noway', meaning: 'Newark', detail: 'airports.name', choices: [{ label: 'Norfolk', detail: 'airports.name', question: '' }] },
      { text: 'No date given', meaning: 'All time', detail: 'first flight 1 Jan 2013', choices: [] }
    ],
    choices: [{ label: 'Yes, answer that', detail: '', question: 'Delays per airline in Newark' }],
    suggestions: ['Average delay by airline']
  }
});

export const failed = message(5, 'flights per second', {
  state: 'failed',
  problem: {
    type: '/problems/query-timeout',
    title: 'The query took too long',
    status: 504,
    detail: 'flights stopped the query after 60 s. The limit of this connection is 60 s. Narrow the dates, or ask an administrator for more time.',
    errors: [],
    extra: {}
  }
});

export const cancelled = message(6, 'all flights joined with all weather', {
  state: 'cancelled',
  finished_at: '2026-11-23T03:00:18Z'
});

export const conversation: Conversation = {
  id: id(300),
  workspace_id: WS,
  connection_id: id(101),
  title: 'Flights per month',
  version: 1,
  created_at: TIME,
  updated_at: TIME
};

export const others: Conversation[] = ['Worst delays', 'Cancelled in June', 'Busiest airports'].map((title, index) => ({
  ...conversation,
  id: id(310 + index),
  title,
  updated_at: new Date(Date.parse(TIME) - index * 50 * 3_600_000).toISOString()
}));

export function detail(messages: Message[]): ConversationDetail {
  return { ...conversation, messages };
}
