import type { Call, Transport } from './transport';
import type { Page } from './types';

/** Options that every call takes. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
}

/** More than any page shows: a list that long has paging of its own. */
const LONGEST_LIST = 1_000;

/** Encodes one part of an address. */
export const part = encodeURIComponent;

/** The version that a change is made on: the server refuses it when somebody saved a newer one. */
export function version(resource: { version: number }): Record<string, string> {
  return { 'If-Match': `"${resource.version}"` };
}

/** What all calls share. */
export abstract class BaseClient {
  constructor(private readonly transport: Transport) {}

  protected send<Value>(
    method: Call['method'],
    path: string,
    more: Omit<Call, 'method' | 'path'> = {}
  ): Promise<Value> {
    return this.transport.send({ method, path, ...more }) as Promise<Value>;
  }

  /** A whole list, page by page. */
  protected async list<Item>(path: string, options?: CallOptions): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? undefined : { cursor };
      const page: Page<Item> = await this.send('GET', path, { query, signal: options?.signal });
      items.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined && items.length < LONGEST_LIST);
    return items;
  }
}
