import type { MessageModel } from '../api/kernel';

/** What the kernel tells a widget about itself. */
export interface WidgetOptions {
  workspace_id: string;
  connection_id: string | null;
  conversation_id: string | null;
  surface: 'chat' | 'schema';
}

/** The part of an anywidget model that DataAsk uses. */
export interface WidgetModel extends MessageModel {
  get(name: 'options'): Partial<WidgetOptions> | undefined;
}

export interface RenderProps {
  model: WidgetModel;
  el: HTMLElement;
}
