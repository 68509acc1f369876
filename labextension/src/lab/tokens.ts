import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { QueryClient } from '@tanstack/react-query';

import type { DataAskApi } from '../api/api';
import type { ApiError } from '../api/problems';
import type { Host } from '../components/host';

/** DataAsk in this JupyterLab: the server it talks to and what its panels share. */
export interface IDataAsk {
  readonly api: DataAskApi;
  /** What panels pass to their components. */
  readonly host: Host;
  /** The cache that all panels share. */
  readonly client: QueryClient;
  /** Whether the server answers; null until it was asked. */
  readonly connection: ConnectionState | null;
  readonly connectionChanged: ISignal<IDataAsk, ConnectionState>;
  /** The conversation whose panel is in front. */
  readonly current: string | null;
  readonly currentChanged: ISignal<IDataAsk, string | null>;
  setCurrent(conversation: string | null): void;
  /** Asks the server who and what it is. */
  check(): Promise<void>;
}

export interface ConnectionState {
  error: ApiError | null;
  /** That front end and server are different releases, in words. */
  warning: string | null;
}

export const IDataAsk = new Token<IDataAsk>(
  '@dataask/labextension:IDataAsk',
  'The DataAsk server, and what DataAsk’s panels share.'
);
