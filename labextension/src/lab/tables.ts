import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { TableTarget } from '../components/host';
import { CommandIDs } from './commands';
import { IDataAsk } from './tokens';
import { TableWidget } from './widgets';

function nameOf({ connectionId, schemaName, table }: TableTarget): string {
  return [connectionId, schemaName ?? '', table].join('/');
}

/** Tables in the main area. */
export const tablesPlugin: JupyterFrontEndPlugin<void> = {
  id: '@dataask/labextension:tables',
  description: 'Shows the first rows of a table in the main area.',
  autoStart: true,
  requires: [IDataAsk],
  optional: [ILabShell, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    service: IDataAsk,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ): void => {
    if (!labShell) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('dataask');
    const tracker = new WidgetTracker<MainAreaWidget<TableWidget>>({ namespace: 'dataask-table' });
    app.commands.addCommand(CommandIDs.openTable, {
      label: trans.__('Open DataAsk Table'),
      describedBy: {
        args: {
          type: 'object',
          required: ['workspaceId', 'connectionId', 'connectionName', 'tile', 'table', 'schemaName'],
          properties: {
            workspaceId: { type: 'string', description: trans.__('The workspace of the connection') },
            connectionId: { type: 'string', description: trans.__('The connection that has the table') },
            connectionName: { type: 'string', description: trans.__('The name of the connection') },
            tile: { type: 'string', description: trans.__('The two letters of its kind') },
            table: { type: 'string', description: trans.__('The name of the table') },
            schemaName: { type: ['string', 'null'], description: trans.__('The schema of the table') }
          }
        }
      },
      execute: async args => {
        const target = args as unknown as TableTarget;
        const open = tracker.find(panel => nameOf(panel.content.target) === nameOf(target));
        if (open) {
          app.shell.activateById(open.id);
          return open;
        }
        const panel = new MainAreaWidget({ content: new TableWidget(service, target) });
        panel.id = `dataask-table-${nameOf(target)}`;
        panel.toolbar.hide();
        await tracker.add(panel);
        app.shell.add(panel, 'main');
        app.shell.activateById(panel.id);
        return panel;
      }
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openTable,
        args: panel => ({ ...panel.content.target }),
        name: panel => nameOf(panel.content.target)
      });
    }
  }
};
