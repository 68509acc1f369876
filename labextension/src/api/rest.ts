import { ApiClient } from './api';
import { readLines } from './ndjson';
import { ApiError, problemFrom, Unreachable } from './problems';
import type { Call, Transport } from './transport';
import { address } from './transport';

/** A `fetch` for addresses on the Jupyter server, with its credentials. `ServerConnection.makeRequest` is one. */
export type ServerFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls over HTTP. */
export class RestTransport implements Transport {
  constructor(
    private readonly base: string,
    private readonly fetch: ServerFetch
  ) {}

  async send(call: Call): Promise<unknown> {
    const init: RequestInit = { method: call.method, headers: { ...call.headers } };
    if (call.body !== undefined) {
      init.body = JSON.stringify(call.body);
      init.headers = { 'Content-Type': 'application/json', ...call.headers };
    }
    if (call.signal) {
      init.signal = call.signal;
    }
    let response: Response;
    try {
      response = await this.fetch(`${this.base}${address(call)}`, init);
    } catch (error) {
      call.signal?.throwIfAborted();
      throw error instanceof ApiError ? error : new Unreachable(error);
    }
    if (!response.ok) {
      throw problemFrom(response.status, await bodyOf(response));
    }
    if (call.onLine && response.body) {
      try {
        for await (const line of readLines(response.body)) {
          call.onLine(line);
        }
      } catch (error) {
        call.signal?.throwIfAborted();
        throw new Unreachable(error);
      }
      return null;
    }
    return call.file === true ? response.blob() : bodyOf(response);
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') {
    return null;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The API of the Jupyter server at `baseUrl`. */
export class RestApi extends ApiClient {
  constructor(baseUrl: string, fetch: ServerFetch) {
    super(new RestTransport(`${baseUrl.replace(/\/$/, '')}/dataask/api/v1/`, fetch));
  }
}
