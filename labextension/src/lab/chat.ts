import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { ChatTarget } from '../components/host';
import { CommandIDs } from './commands';
import { logoIcon } from './icon';
import { IDataAsk } from './tokens';
import { ChatWidget } from './widgets';

/** Conversations in the main area. */
export const chatPlugin: JupyterFrontEndPlugin<void> = {
  id: '@dataask/labextension:chat',
  description: 'Adds the DataAsk chat to the main area, the launcher and the palette.',
  autoStart: true,
  requires: [IDataAsk],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ILauncher, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    service: IDataAsk,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    translator: ITranslator | null
  ): void => {
    if (!labShell) {
      // Voilà loads Lab extensions into its pages; a reader of a dashboard must not meet our panels.
      return;
    }
    const trans = (translator ?? nullTranslator).load('dataask');
    const tracker = new WidgetTracker<MainAreaWidget<ChatWidget>>({ namespace: 'dataask-chat' });
    let count = 0;

    const showCurrent = (): void => service.setCurrent(tracker.currentWidget?.content.target.conversationId ?? null);
    tracker.currentChanged.connect(showCurrent);
    labShell.currentChanged.connect((_, change) => {
      if (change.newValue && !tracker.has(change.newValue)) {
        service.setCurrent(null);
      } else {
        showCurrent();
      }
    });

    app.commands.addCommand(CommandIDs.openChat, {
      label: args => (args['isPalette'] === true ? trans.__('New DataAsk Chat') : trans.__('DataAsk Chat')),
      caption: trans.__('Ask your data in plain language'),
      icon: args => (args['isPalette'] === true ? undefined : logoIcon),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            workspaceId: { type: 'string', description: trans.__('The workspace to ask in') },
            conversationId: {
              type: ['string', 'null'],
              description: trans.__('The conversation to open; null or absent for a new one')
            },
            connectionId: { type: ['string', 'null'], description: trans.__('The connection to ask') },
            draft: { type: 'string', description: trans.__('A question to put into the composer') },
            panelId: { type: 'string', description: trans.__('The panel of an earlier layout that this one replaces') }
          }
        }
      },
      execute: async args => {
        const target = args as ChatTarget;
        const open =
          typeof target.conversationId === 'string'
            ? tracker.find(panel => panel.content.target.conversationId === target.conversationId)
            : undefined;
        if (open) {
          app.shell.activateById(open.id);
          return open;
        }
        const content = new ChatWidget(service, target);
        const panel = new MainAreaWidget({ content });
        // Lab's layout names panels for good; a conversation begins later, so its id can't be the name.
        const earlier = args['panelId'];
        panel.id = typeof earlier === 'string' ? earlier : `dataask-chat-${++count}-${Date.now().toString(36)}`;
        panel.toolbar.hide();
        content.changed.connect(() => {
          void tracker.save(panel);
          showCurrent();
        });
        await tracker.add(panel);
        app.shell.add(panel, 'main');
        app.shell.activateById(panel.id);
        return panel;
      }
    });

    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openChat,
        args: panel => ({
          workspaceId: panel.content.target.workspaceId ?? null,
          conversationId: panel.content.target.conversationId ?? null,
          connectionId: panel.content.target.connectionId ?? null,
          panelId: panel.id
        }),
        name: panel => panel.id
      });
    }
    palette?.addItem({ command: CommandIDs.openChat, category: trans.__('DataAsk'), args: { isPalette: true } });
    launcher?.add({ command: CommandIDs.openChat, category: trans.__('DataAsk'), rank: 0 });
  }
};
