/** One call, whoever carries it. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to `/dataask/api/v1/`, every part already encoded. */
  path: string;
  query?: Record<string, string | number | boolean | undefined> | undefined;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** True when the answer is a file: it comes as a `Blob`. Over HTTP only. */
  file?: boolean;
  /** Set to get the response line by line (`application/x-ndjson`). */
  onLine?: (line: unknown) => void;
}

/** Carries calls to the server: over HTTP in JupyterLab, through the kernel in a notebook. */
export interface Transport {
  /** The body of a successful response, null when it has none. Rejects with an `ApiError`. */
  send(call: Call): Promise<unknown>;
}

export const LINES = 'application/x-ndjson';

/** The address of a call below its base. */
export function address(call: Pick<Call, 'path' | 'query'>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) {
      search.set(name, String(value));
    }
  }
  const query = search.toString();
  return query === '' ? call.path : `${call.path}?${query}`;
}
