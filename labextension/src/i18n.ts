/** Turns a text and its values (`%1`, `%2`, …) into words of the reader's language. */
export type Translate = (text: string, ...values: (string | number)[]) => string;

function fill(text: string, values: (string | number)[]): string {
  return text.replace(/%(\d)/g, (whole, digit: string) => {
    const value = values[Number(digit) - 1];
    return value === undefined ? whole : String(value);
  });
}

let translate: Translate = (text, ...values) => fill(text, values);

/** Feeds a host's own translator, such as JupyterLab's. */
export function setTranslate(next: Translate): void {
  translate = next;
}

/** The text in the reader's language. */
export const t: Translate = (text, ...values) => translate(text, ...values);

/** One of two texts, by number; `%1` is the number. */
export function tn(one: string, many: string, count: number): string {
  return translate(count === 1 ? one : many, count.toLocaleString());
}
