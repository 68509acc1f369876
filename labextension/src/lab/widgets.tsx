import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';
import type { ReactNode } from 'react';
import { lazy, Suspense } from 'react';

import type { Conversation } from '../api/types';
import type { AuditTarget, ChatTarget, SettingsTab, SettingsTarget, TableTarget } from '../components/host';
import { t } from '../i18n';
import { auditIcon, chatIcon, logoIcon, settingsIcon, tableIcon } from './icon';
import type { IDataAsk } from './tokens';

// Components load with the first panel that shows, not with Lab.
const ChatPanel = lazy(async () => ({ default: (await import('./panels')).ChatPanel }));
const SidebarPanel = lazy(async () => ({ default: (await import('./panels')).SidebarPanel }));
const AuditContent = lazy(async () => ({ default: (await import(/* webpackChunkName: "people" */ './people')).AuditContent }));
const SettingsContent = lazy(async () => ({ default: (await import(/* webpackChunkName: "people" */ './people')).SettingsContent }));
const TableContent = lazy(async () => ({ default: (await import('./panels')).TableContent }));

/** A panel whose content stays away until it is seen. */
abstract class LazyWidget extends ReactWidget {
  private seen = false;

  constructor() {
    super();
    this.addClass('jp-DataAskPanel');
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.reveal();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.reveal();
    }
  }

  protected render(): JSX.Element | null {
    return this.seen ? <Suspense fallback={null}>{this.content()}</Suspense> : null;
  }

  protected abstract content(): ReactNode;

  private reveal(): void {
    if (!this.seen) {
      this.seen = true;
      this.update();
    }
  }
}

/** The sidebar. */
export class SidebarWidget extends LazyWidget {
  constructor(private readonly service: IDataAsk) {
    super();
    this.id = 'dataask-sidebar';
    this.title.icon = logoIcon;
    this.title.caption = t('DataAsk');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', t('DataAsk'));
    service.currentChanged.connect(this.onCurrentChanged, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      Signal.clearData(this);
      super.dispose();
    }
  }

  protected content(): ReactNode {
    return <SidebarPanel service={this.service} />;
  }

  private onCurrentChanged(): void {
    this.update();
  }
}

/** A conversation, in the main area. */
export class ChatWidget extends LazyWidget {
  private readonly _changed = new Signal<this, ChatTarget>(this);
  private _target: ChatTarget;
  private draft: string | undefined;

  constructor(
    private readonly service: IDataAsk,
    target: ChatTarget
  ) {
    super();
    this._target = { ...target, draft: undefined };
    this.draft = target.draft;
    this.title.icon = chatIcon;
    this.title.label = t('New conversation');
    this.title.closable = true;
  }

  /** What it shows; kept when Lab's layout is restored. */
  get target(): ChatTarget {
    return this._target;
  }

  get changed(): ISignal<this, ChatTarget> {
    return this._changed;
  }

  /** Puts a question into the composer. */
  putDraft(text: string | undefined): void {
    this.draft = text;
    this.update();
  }

  protected content(): ReactNode {
    return (
      <ChatPanel
        service={this.service}
        target={{ ...this._target, draft: this.draft }}
        onConversation={this.onConversation}
        onTitle={this.onTitle}
      />
    );
  }

  private readonly onConversation = (workspaceId: string, conversation: Conversation | null): void => {
    this._target = {
      workspaceId,
      conversationId: conversation?.id ?? null,
      connectionId: conversation?.connection_id ?? this._target.connectionId ?? null
    };
    this.draft = undefined;
    this.onTitle(conversation?.title ?? null);
    this._changed.emit(this._target);
    this.update();
  };

  private readonly onTitle = (title: string | null): void => {
    // A conversation is named after its first question, once that was read.
    this.title.label = title || t('New conversation');
    this.title.caption = this.title.label;
  };
}

/** A table's first rows, in the main area. */
export class TableWidget extends LazyWidget {
  constructor(
    private readonly service: IDataAsk,
    readonly target: TableTarget
  ) {
    super();
    this.title.icon = tableIcon;
    this.title.label = target.table;
    this.title.caption = `${target.connectionName}, ${target.table}`;
    this.title.closable = true;
  }

  protected content(): ReactNode {
    return <TableContent service={this.service} target={this.target} />;
  }
}

/** The settings of a workspace, in the main area. */
export class SettingsWidget extends LazyWidget {
  private readonly _changed = new Signal<this, SettingsTarget>(this);

  constructor(
    private readonly service: IDataAsk,
    private _target: SettingsTarget
  ) {
    super();
    this.title.icon = settingsIcon;
    this.title.label = t('Workspace settings');
    this.title.closable = true;
  }

  /** What it shows; kept when Lab's layout is restored. */
  get target(): SettingsTarget {
    return this._target;
  }

  get changed(): ISignal<this, SettingsTarget> {
    return this._changed;
  }

  /** Goes to a tab. */
  goTo(tab: SettingsTab): void {
    this.onTab(tab);
    this.update();
  }

  protected content(): ReactNode {
    return (
      <SettingsContent
        service={this.service}
        target={this._target}
        onName={this.onName}
        onTab={this.onTab}
        onGone={this.onGone}
      />
    );
  }

  private readonly onTab = (tab: SettingsTab): void => {
    this._target = { ...this._target, tab };
    this._changed.emit(this._target);
  };

  private readonly onName = (name: string): void => {
    this.title.label = name;
    this.title.caption = t('Settings of %1', name);
  };

  private readonly onGone = (): void => {
    // MainAreaWidget follows its content.
    this.parent?.dispose();
  };
}

/** The audit log of a workspace, in the main area. */
export class AuditWidget extends LazyWidget {
  constructor(
    private readonly service: IDataAsk,
    readonly target: AuditTarget
  ) {
    super();
    this.title.icon = auditIcon;
    this.title.label = t('Audit log');
    this.title.closable = true;
  }

  protected content(): ReactNode {
    return <AuditContent service={this.service} target={this.target} onName={this.onName} />;
  }

  private readonly onName = (name: string): void => {
    this.title.caption = t('Audit log of %1', name);
  };
}
