import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ILabShell } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import type { InsertDetail } from '../insert-code';
import { INSERT_EVENT } from '../insert-code';
import { CommandIDs } from './commands';

/** Puts the code into a new cell below the active one, or into the active one where that is still empty. */
function insertBelow(panel: NotebookPanel, code: string, reuseEmpty = false): void {
  const notebook = panel.content;
  const active = notebook.activeCell?.model;
  const empty = active?.type === 'code' && active.sharedModel.getSource().trim() === '';
  if (!(reuseEmpty && empty)) {
    NotebookActions.insertBelow(notebook);
    NotebookActions.changeCellType(notebook, 'code');
  }
  notebook.activeCell?.model.sharedModel.setSource(code);
  void notebook.scrollToItem(notebook.activeCellIndex, 'smart');
}

async function newNotebook(app: JupyterFrontEnd): Promise<NotebookPanel | null> {
  const specs = app.serviceManager.kernelspecs;
  await specs.ready;
  const made: unknown = await app.commands.execute('notebook:create-new', {
    kernelName: specs.specs?.default ?? '',
    activate: true
  });
  const panel = made as NotebookPanel | null;
  if (!panel) {
    return null;
  }
  await panel.context.ready;
  await panel.revealed;
  return panel;
}

function tell(app: JupyterFrontEnd, trans: TranslationBundle, panel: NotebookPanel): void {
  Notification.success(trans.__('Inserted into %1', panel.title.label), {
    autoClose: 6_000,
    actions: [{ label: trans.__('Show'), callback: () => app.shell.activateById(panel.id) }]
  });
}

/** "Insert as cell", for panels by command and for notebook widgets by DOM event. */
export const insertPlugin: JupyterFrontEndPlugin<void> = {
  id: '@dataask/labextension:insert',
  description: 'Inserts the code of an answer into a notebook.',
  autoStart: true,
  optional: [ILabShell, INotebookTracker, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    labShell: ILabShell | null,
    tracker: INotebookTracker | null,
    translator: ITranslator | null
  ): void => {
    if (!labShell || !tracker) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('dataask');
    app.commands.addCommand(CommandIDs.insertCell, {
      label: trans.__('Insert Code as Cell'),
      describedBy: {
        args: {
          type: 'object',
          required: ['code'],
          properties: { code: { type: 'string', description: trans.__('The code of the new cell') } }
        }
      },
      execute: async args => {
        const code = String(args['code']);
        const open = tracker.currentWidget;
        if (open) {
          insertBelow(open, code);
          tell(app, trans, open);
          return true;
        }
        const made = await newNotebook(app);
        if (made) {
          insertBelow(made, code, true);
        }
        return made !== null;
      }
    });

    document.addEventListener(INSERT_EVENT, event => {
      const target = event.target as Node;
      const code = (event as CustomEvent<InsertDetail>).detail.code;
      const panel = tracker.find(each => each.node.contains(target));
      if (!panel) {
        return;
      }
      const index = panel.content.widgets.findIndex(cell => cell.node.contains(target));
      if (index >= 0) {
        panel.content.activeCellIndex = index;
      }
      insertBelow(panel, code);
      event.preventDefault();
    });
  }
};
