import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from './commands';
import { IDataAsk } from './tokens';
import { SidebarWidget } from './widgets';

/** Below Lab's own, among those of third parties. */
const RANK = 501;

/** The workspace, its conversations and its connections. */
export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: '@dataask/labextension:sidebar',
  description: 'Adds the DataAsk sidebar with workspace, conversations and connections.',
  autoStart: true,
  requires: [IDataAsk],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    service: IDataAsk,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    if (!labShell) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('dataask');
    const sidebar = new SidebarWidget(service);
    labShell.add(sidebar, 'left', { rank: RANK, type: trans.__('DataAsk') });
    restorer?.add(sidebar, sidebar.id);
    app.commands.addCommand(CommandIDs.showSidebar, {
      label: trans.__('Show DataAsk Sidebar'),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => labShell.activateById(sidebar.id)
    });
    palette?.addItem({ command: CommandIDs.showSidebar, category: trans.__('DataAsk') });
  }
};
