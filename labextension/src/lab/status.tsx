import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';

import { Icon } from '../components/icons';
import { IDataAsk } from './tokens';

const ID = '@dataask/labextension:status';

/** "DataAsk connected", or why not. */
class StatusWidget extends ReactWidget {
  constructor(
    private readonly service: IDataAsk,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-mod-highlighted');
  }

  protected render(): JSX.Element {
    const { service, trans } = this;
    return (
      <UseSignal signal={service.connectionChanged} initialSender={service}>
        {() => {
          const state = service.connection;
          const bad = state?.error ?? null;
          const words =
            state === null
              ? trans.__('DataAsk …')
              : bad
                ? trans.__('DataAsk not connected')
                : state.warning !== null
                  ? trans.__('DataAsk: versions differ')
                  : trans.__('DataAsk connected');
          return (
            <span
              className="jp-DataAskStatus"
              title={bad?.message ?? state?.warning ?? words}
              onClick={() => void service.check()}
            >
              <Icon name={bad ? 'circle-x' : state !== null && state.warning !== null ? 'triangle-alert' : 'circle-check'} />
              {words}
            </span>
          );
        }}
      </UseSignal>
    );
  }
}

/** DataAsk in the status bar. */
export const statusPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Says in the status bar whether DataAsk is connected.',
  autoStart: true,
  requires: [IDataAsk],
  optional: [ILabShell, IStatusBar, ISettingRegistry, ITranslator],
  activate: async (
    app: JupyterFrontEnd,
    service: IDataAsk,
    labShell: ILabShell | null,
    statusBar: IStatusBar | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ): Promise<void> => {
    if (!labShell) {
      return;
    }
    void app.restored.then(() => service.check());
    if (!statusBar) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('dataask');
    const item = new StatusWidget(service, trans);
    statusBar.registerStatusItem(ID, { item, align: 'left', rank: 900 });
    try {
      const loaded = await settings?.load(ID);
      const apply = (): void => item.setHidden(loaded?.get('visible').composite === false);
      loaded?.changed.connect(apply);
      apply();
    } catch {
      // Without settings the item shows, which is the default.
    }
  }
};
