import { execFileSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';

import { cellCode, quoted, tripleQuoted } from '../src/insert-code';

describe('cellCode', () => {
  it('writes the question, the import, the query and the frame', () => {
    expect(cellCode({ question: 'flights per month?', sql: 'SELECT 1\n', connection: 'flights' })).toBe(
      '# flights per month?\nimport dataask_jupyter as da\ndf = da.sql("""\nSELECT 1\n""", connection="flights")\ndf'
    );
  });

  it('keeps a comment on its line, whatever the question holds', () => {
    const code = cellCode({ question: 'a\nimport os\r\u2028os.system("x")\u0085', sql: 'SELECT 1', connection: 'c' });
    expect(code.split(/[\n\r\u2028\u2029\u0085]/)[0]).toBe('# a import os os.system("x")');
    expect(code).not.toMatch(/[\r\u2028\u2029\u0085]/);
  });

  const HOSTILE = [
    'SELECT """ + __import__("os").system("x") + """',
    'SELECT \'\\\' , "a""b", \'\\"""\'',
    'SELECT "quoted"',
    '\\',
    '\\"',
    '"""',
    '""""',
    "SELECT '\\n', 'tab\\t', '\\x41', '\\N{DEGREE SIGN}'",
    'SELECT 1\r\n-- two',
    'SELECT \'a\0b\''
  ];
  it('gives Python exactly the SQL and the name that it was given', () => {
    const values = HOSTILE.map(sql => ({ sql: sql.trim(), source: `"""\n${tripleQuoted(sql.trim())}\n"""` }));
    const names = ['a"b', "it's", 'back\\slash', 'new\nline', 'Zürich – 日本 🛫', '"""', '\u2028', '\u009d', 'nul\0'];
    const all = [
      ...values.map(({ sql, source }) => [source, `\n${sql}\n`]),
      ...names.map(name => [quoted(name), name])
    ];
    const script = 'import ast,json,sys\nprint(json.dumps([ast.literal_eval(x) for x in json.load(sys.stdin)]))';
    const read = execFileSync('python3', ['-c', script], { input: JSON.stringify(all.map(each => each[0])) });
    expect(JSON.parse(read.toString())).toEqual(all.map(each => each[1]));
  });
});
