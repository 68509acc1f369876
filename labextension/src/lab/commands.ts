/** The names of DataAsk's commands. */
export namespace CommandIDs {
  export const openChat = 'dataask:open-chat';
  export const openTable = 'dataask:open-table';
  export const showSidebar = 'dataask:show-sidebar';
  export const openSettings = 'dataask:open-workspace-settings';
  export const openAudit = 'dataask:open-audit';
  export const insertCell = 'dataask:insert-cell';
}
