import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CommandIDs } from './commands';
import { currentWorkspace } from './current';
import { IDataAsk } from './tokens';
import { AuditWidget } from './widgets';

/** Audit logs in the main area. */
export const auditPlugin: JupyterFrontEndPlugin<void> = {
  id: '@dataask/labextension:audit',
  description: 'Shows a workspace’s audit log in the main area.',
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
    const tracker = new WidgetTracker<MainAreaWidget<AuditWidget>>({ namespace: 'dataask-audit' });
    app.commands.addCommand(CommandIDs.openAudit, {
      label: trans.__('DataAsk Audit Log'),
      caption: trans.__('Who did what in a workspace'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            workspaceId: { type: 'string', description: trans.__('The workspace; absent for the one you are in') }
          }
        }
      },
      execute: async args => {
        const workspaceId = await currentWorkspace(service, args['workspaceId']);
        const open = tracker.find(panel => panel.content.target.workspaceId === workspaceId);
        if (open) {
          app.shell.activateById(open.id);
          return open;
        }
        const panel = new MainAreaWidget({ content: new AuditWidget(service, { workspaceId }) });
        panel.id = `dataask-audit-${workspaceId}`;
        panel.toolbar.hide();
        await tracker.add(panel);
        app.shell.add(panel, 'main');
        app.shell.activateById(panel.id);
        return panel;
      }
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openAudit,
        args: panel => ({ ...panel.content.target }),
        name: panel => panel.content.target.workspaceId
      });
    }
    palette?.addItem({ command: CommandIDs.openAudit, category: trans.__('DataAsk') });
  }
};
