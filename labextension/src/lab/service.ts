import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { JSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { QueryClient } from '@tanstack/react-query';

import type { DataAskApi } from '../api/api';
import { asApiError, SignInNeeded, Unreachable, versionMismatch } from '../api/problems';
import type { ServerFetch } from '../api/rest';
import { RestApi } from '../api/rest';
import type { Host, Plotly } from '../components/host';
import { makeQueryClient } from '../components/host';
import { setTranslate } from '../i18n';
import packageJson from '../../package.json';
import { CommandIDs } from './commands';
import { HubSession } from './hub';
import type { ConnectionState } from './tokens';
import { IDataAsk } from './tokens';

class DataAskService implements IDataAsk {
  readonly api: DataAskApi;
  readonly host: Host;
  readonly client: QueryClient = makeQueryClient();
  private readonly _connectionChanged = new Signal<IDataAsk, ConnectionState>(this);
  private readonly _currentChanged = new Signal<IDataAsk, string | null>(this);
  private _connection: ConnectionState | null = null;
  private _current: string | null = null;
  private plotly: Promise<Plotly> | null = null;
  private readonly request: ServerFetch;

  constructor(
    private readonly settings: ServerConnection.ISettings,
    commands: CommandRegistry
  ) {
    const service = PageConfig.getOption('dataaskServiceUrl');
    const base = service === '' ? settings.baseUrl : new URL(service, settings.baseUrl).href;
    this.request = service === '' ? this.ofServer : new HubSession(base).fetch;
    this.api = new RestApi(base, this.fetch);
    this.host = {
      api: this.api,
      surface: 'lab',
      reader: false,
      loadPlotly: this.loadPlotly,
      insertCell: async code => (await commands.execute(CommandIDs.insertCell, { code })) === true,
      panels: {
        openChat: target => void commands.execute(CommandIDs.openChat, { ...target } as JSONObject),
        openTable: target => void commands.execute(CommandIDs.openTable, { ...target }),
        openSettings: target => void commands.execute(CommandIDs.openSettings, { ...target }),
        openAudit: target => void commands.execute(CommandIDs.openAudit, { ...target })
      }
    };
  }

  get connection(): ConnectionState | null {
    return this._connection;
  }

  get connectionChanged(): ISignal<IDataAsk, ConnectionState> {
    return this._connectionChanged;
  }

  get current(): string | null {
    return this._current;
  }

  get currentChanged(): ISignal<IDataAsk, string | null> {
    return this._currentChanged;
  }

  setCurrent(conversation: string | null): void {
    if (conversation !== this._current) {
      this._current = conversation;
      this._currentChanged.emit(conversation);
    }
  }

  async check(): Promise<void> {
    try {
      const me = await this.api.me();
      this.setConnection({ error: null, warning: versionMismatch(packageJson.version, me.server.version) });
    } catch (error) {
      this.setConnection({ error: asApiError(error), warning: null });
    }
  }

  private setConnection(state: ConnectionState): void {
    this._connection = state;
    this._connectionChanged.emit(state);
  }

  /** Lab's own requests carry the token or the XSRF cookie. */
  private readonly ofServer: ServerFetch = (url, init) =>
    // Without this, Lab appends the time to the address, which the API refuses as an unknown parameter.
    ServerConnection.makeRequest(url, { cache: 'no-cache', ...init }, this.settings);

  /** What requests meet is what the status bar says. */
  private readonly fetch: ServerFetch = async (url, init) => {
    try {
      const response = await this.request(url, init);
      if (this._connection?.error instanceof Unreachable) {
        this.setConnection({ error: null, warning: null });
      }
      return response;
    } catch (error) {
      if (init.signal?.aborted !== true && !(error instanceof SignInNeeded)) {
        this.setConnection({ error: new Unreachable(error), warning: null });
      }
      throw error;
    }
  };

  private readonly loadPlotly = (): Promise<Plotly> => {
    this.plotly ??= this.importPlotly().catch((error: unknown) => {
      this.plotly = null;
      throw error;
    });
    return this.plotly;
  };

  private async importPlotly(): Promise<Plotly> {
    const file = URLExt.join(this.settings.baseUrl, 'static/dataask/plotly.js');
    const url = `${file}?v=${packageJson.version}`;
    try {
      const module = (await import(/* webpackIgnore: true */ url)) as { default: Plotly };
      return module.default;
    } catch (error) {
      throw new Unreachable(error);
    }
  }
}

/** The server that all of DataAsk's panels talk to. */
export const servicePlugin: JupyterFrontEndPlugin<IDataAsk> = {
  id: '@dataask/labextension:service',
  description: 'Talks to the DataAsk server for all panels.',
  autoStart: true,
  provides: IDataAsk,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null): IDataAsk => {
    const trans = (translator ?? nullTranslator).load('dataask');
    // The components' texts pass through one function; the bundle's catalogue has them.
    // eslint-disable-next-line jupyter/no-dynamic-translation
    setTranslate((text, ...values) => trans.gettext(text, ...values.map(String)));
    return new DataAskService(app.serviceManager.serverSettings, app.commands);
  }
};
