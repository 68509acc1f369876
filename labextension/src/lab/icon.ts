import { LabIcon } from '@jupyterlab/ui-components';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><path class="jp-icon3 jp-icon-selectable" fill="#616161" d="M5 3h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-6.5L8 21v-4H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2Z"/><g fill="none"><path class="jp-icon-accent1" stroke="#fff" stroke-linecap="round" stroke-width="2.2" d="M8 13v-2.5M12 13V7M16 13v-4"/></g></svg>`;
const CHAT = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none"><g class="jp-icon3 jp-icon-selectable" stroke="#616161" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"><path d="M22 17a2 2 0 0 1-2 2H6.828a2 2 0 0 0-1.414.586l-2.202 2.202A.71.71 0 0 1 2 21.286V5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2z"/><path d="M7 11h10M7 15h6M7 7h8"/></g></g></svg>`;
const TABLE = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none"><g class="jp-icon3 jp-icon-selectable" stroke="#616161" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"><path d="M3 9h18M9 3v18"/><rect x="3" y="3" width="18" height="18" rx="2"/></g></g></svg>`;
const SETTINGS = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none"><g class="jp-icon3 jp-icon-selectable" stroke="#616161" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"><path d="M9.671 4.136a2.34 2.34 0 0 1 4.659 0 2.34 2.34 0 0 0 3.319 1.915 2.34 2.34 0 0 1 2.33 4.033 2.34 2.34 0 0 0 0 3.831 2.34 2.34 0 0 1-2.33 4.033 2.34 2.34 0 0 0-3.319 1.915 2.34 2.34 0 0 1-4.659 0 2.34 2.34 0 0 0-3.32-1.915 2.34 2.34 0 0 1-2.33-4.033 2.34 2.34 0 0 0 0-3.831A2.34 2.34 0 0 1 6.35 6.051a2.34 2.34 0 0 0 3.319-1.915"/><circle cx="12" cy="12" r="3"/></g></g></svg>`;
const AUDIT = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g fill="none"><g class="jp-icon3 jp-icon-selectable" stroke="#616161" stroke-linecap="round" stroke-linejoin="round" stroke-width="2"><path d="M15 12h-5"/><path d="M15 8h-5"/><path d="M19 17V5a2 2 0 0 0-2-2H4"/><path d="M8 21h12a2 2 0 0 0 2-2v-1a1 1 0 0 0-1-1H11a1 1 0 0 0-1 1v1a2 2 0 1 1-4 0V5a2 2 0 1 0-4 0v2a1 1 0 0 0 1 1h3"/></g></g></svg>`;

export const logoIcon = new LabIcon({ name: 'dataask:logo', svgstr: LOGO });
export const chatIcon = new LabIcon({ name: 'dataask:chat', svgstr: CHAT });
export const tableIcon = new LabIcon({ name: 'dataask:table', svgstr: TABLE });
export const settingsIcon = new LabIcon({ name: 'dataask:settings', svgstr: SETTINGS });
export const auditIcon = new LabIcon({ name: 'dataask:audit', svgstr: AUDIT });
