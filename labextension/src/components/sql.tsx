import type { ReactNode } from 'react';
import { useMemo } from 'react';

type TokenKind = 'k' | 's' | 'n' | 'f' | 'c' | '';
export interface SqlToken {
  kind: TokenKind;
  text: string;
}

const KEYWORDS = new Set(
  `all and any as asc between by case cast cross current date desc distinct else end escape except exists extract false
  fetch filter first following for from full group having ilike in inner intersect interval into is join last lateral
  left like limit natural not null nulls offset on or order outer over partition preceding qualify range recursive right
  rows select table then timestamp to true unbounded union unnest using values when where window with`
    .trim()
    .split(/\s+/)
);

const TOKENS =
  /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^']|'')*'?)|(?<name>"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]\n]*\])|(?<number>\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)|(?<rest>[\s\S])/gu;

/** SQL as coloured pieces. Colour is all it decides: what is SQL and what may run is the server's business. */
export function tokenize(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  const push = (kind: TokenKind, text: string): void => {
    const last = tokens.at(-1);
    if (last?.kind === kind) {
      last.text += text;
    } else {
      tokens.push({ kind, text });
    }
  };
  for (const match of sql.matchAll(TOKENS)) {
    const { comment, text, number, word } = match.groups ?? {};
    const whole = match[0];
    if (comment !== undefined) {
      push('c', whole);
    } else if (text !== undefined) {
      push('s', whole);
    } else if (number !== undefined) {
      push('n', whole);
    } else if (word !== undefined) {
      const call = /^\s*\(/.test(sql.slice(match.index + whole.length));
      const keyword = KEYWORDS.has(word.toLowerCase());
      push(keyword ? 'k' : call ? 'f' : '', whole);
    } else {
      push('', whole);
    }
  }
  return tokens;
}

/** SQL as text with colours. */
export function Sql({ text }: { text: string }): JSX.Element {
  const pieces = useMemo<ReactNode[]>(
    () =>
      tokenize(text).map((token, index) =>
        token.kind === '' ? (
          token.text
        ) : (
          <span key={index} className={`da-sql-${token.kind}`}>
            {token.text}
          </span>
        )
      ),
    [text]
  );
  return (
    <pre className="da-sql" tabIndex={0} aria-label="SQL">
      <code>{pieces}</code>
    </pre>
  );
}
