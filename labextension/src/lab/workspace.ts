import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { SettingsTab } from '../components/host';
import { CommandIDs } from './commands';
import { currentWorkspace } from './current';
import { IDataAsk } from './tokens';
import { SettingsWidget } from './widgets';

const TABS: readonly SettingsTab[] = ['general', 'members', 'invitations', 'roles'];

/** Settings of workspaces in the main area. */
export const workspacePlugin: JupyterFrontEndPlugin<void> = {
  id: '@dataask/labextension:workspace',
  description: 'Shows a workspace’s settings, members, invitations and roles in the main area.',
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
    const tracker = new WidgetTracker<MainAreaWidget<SettingsWidget>>({ namespace: 'dataask-settings' });
    app.commands.addCommand(CommandIDs.openSettings, {
      label: trans.__('DataAsk Workspace Settings'),
      caption: trans.__('Name, members, invitations and roles of a workspace'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            workspaceId: { type: 'string', description: trans.__('The workspace; absent for the one you are in') },
            tab: { type: 'string', enum: [...TABS], description: trans.__('The tab that opens first') }
          }
        }
      },
      execute: async args => {
        const workspaceId = await currentWorkspace(service, args['workspaceId']);
        const tab = TABS.find(each => each === args['tab']);
        const open = tracker.find(panel => panel.content.target.workspaceId === workspaceId);
        if (open) {
          if (tab !== undefined) {
            open.content.goTo(tab);
          }
          app.shell.activateById(open.id);
          return open;
        }
        const content = new SettingsWidget(service, { workspaceId, ...(tab === undefined ? {} : { tab }) });
        const panel = new MainAreaWidget({ content });
        panel.id = `dataask-settings-${workspaceId}`;
        panel.toolbar.hide();
        content.changed.connect(() => void tracker.save(panel));
        await tracker.add(panel);
        app.shell.add(panel, 'main');
        app.shell.activateById(panel.id);
        return panel;
      }
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openSettings,
        args: panel => ({ ...panel.content.target }),
        name: panel => panel.content.target.workspaceId
      });
    }
    palette?.addItem({ command: CommandIDs.openSettings, category: trans.__('DataAsk') });
  }
};
