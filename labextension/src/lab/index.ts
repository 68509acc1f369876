import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { auditPlugin } from './audit';
import { chatPlugin } from './chat';
import { insertPlugin } from './insert';
import { servicePlugin } from './service';
import { sidebarPlugin } from './sidebar';
import { statusPlugin } from './status';
import { tablesPlugin } from './tables';
import { IDataAsk } from './tokens';
import { workspacePlugin } from './workspace';

export { IDataAsk };

const plugins: JupyterFrontEndPlugin<unknown>[] = [
  servicePlugin,
  sidebarPlugin,
  chatPlugin,
  tablesPlugin,
  workspacePlugin,
  auditPlugin,
  insertPlugin,
  statusPlugin
];

export default plugins;
