/** The values of the API under short names. The generated file is the truth; this one only names its parts. */
import type { components } from './generated';

type Schemas = components['schemas'];

/** Responses always carry every field; only requests may leave those with defaults out. */
type Whole<T> = T extends (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<Exclude<T[Key], undefined>> }
    : T;

export type Account = Whole<Schemas['Account']>;
export type AccountUpdate = { active?: boolean; is_admin?: boolean };
export type Activity = Whole<Schemas['Activity']>;
export type Answer = Whole<Schemas['Answer']>;
export type ApiToken = Whole<Schemas['ApiToken']>;
export type ApiTokenCreate = { name: string; scope?: ApiToken['scope']; days?: number | null };
export type ApiTokenCreated = Whole<Schemas['ApiTokenCreated']>;
export type Assumption = Whole<Schemas['Assumption']>;
export type AuditFacets = Whole<Schemas['AuditFacets']>;
export type AuditRecord = Omit<Whole<Schemas['AuditRecord']>, 'payload'> & { payload: Record<string, unknown> };
export type AuditVerification = Whole<Schemas['AuditVerification']>;
export type Catalog = Whole<Schemas['Catalog']>;
export type CatalogColumn = Whole<Schemas['Column']>;
export type CatalogTable = Whole<Schemas['Table']>;
export type Choice = Whole<Schemas['Choice']>;
export type Clarification = Whole<Schemas['Clarification']>;
export type Confidence = Whole<Schemas['Confidence']>;
export type Connection = Omit<Whole<Schemas['Connection']>, 'settings'> & { settings: Record<string, unknown> };
export type ConnectionCreate = { name: string; kind: string; settings: Record<string, unknown> };
export type ConnectionKind = Omit<Whole<Schemas['ConnectionKind']>, 'settings_schema'> & {
  settings_schema: Record<string, unknown>;
};
export type ConnectionStatus = Whole<Schemas['ConnectionStatus']>;
export type ConnectionUpdate = { name?: string; settings?: Record<string, unknown> };
export type Conversation = Whole<Schemas['Conversation']>;
export type ConversationCreate = { connection_id?: string | null; title?: string | null };
export type ConversationDetail = Omit<Whole<Schemas['ConversationDetail']>, 'messages'> & { messages: Message[] };
export type ConversationUpdate = { connection_id?: string; title?: string };
export type Face = Whole<Schemas['Face']>;
export type FieldProblem = Whole<Schemas['FieldProblem']>;
export type Home = Whole<Schemas['Home']>;
export type Invitation = Whole<Schemas['Invitation']>;
export type InvitationCreate = { role: string; email?: string; max_uses?: number; days?: number };
export type InvitationCreated = Whole<Schemas['InvitationCreated']>;
export type InvitationPreview = Whole<Schemas['InvitationPreview']>;
export type Login = { email: string; password: string };
export type Me = Whole<Schemas['Me']>;
export type Member = Whole<Schemas['Member']>;
export type MeUpdate = { workspace_id?: string; display_name?: string };
export type Permission = Whole<Schemas['Workspace']>['permissions'][number];
export type ProblemDocument = Omit<Whole<Schemas['Problem']>, 'extra'> & { extra: Record<string, unknown> };
export type Rating = 'up' | 'down';
export type Recent = Whole<Schemas['Recent']>;
export type Register = { email: string; display_name: string; password: string; invitation?: string };
export type ResetLink = Whole<Schemas['ResetLink']>;
export type ResultColumn = Whole<Schemas['ResultColumn']>;
export type Cell = string | number | boolean | null | object;
export type ResultPage = Omit<Whole<Schemas['ResultPage']>, 'rows'> & { rows: Cell[][] };
export type Role = Whole<Schemas['Role']>;
export type RoleCreate = { name: string; permissions: Permission[] };
export type RoleUpdate = Partial<RoleCreate>;
export type ServerInfo = Whole<Schemas['ServerInfo']>;
export type Session = Whole<Schemas['Session']>;
export type SignedIn = Whole<Schemas['SignedIn']>;
export type Step = Whole<Schemas['Step']>;
export type Suggestion = Whole<Schemas['Suggestion']>;
export type User = Whole<Schemas['User']>;
export type WordReading = Whole<Schemas['WordReading']>;
export type Workspace = Whole<Schemas['Workspace']>;
export type WorkspaceCreate = { name: string; time_zone: string };
/** Null keeps audit records for ever; absent leaves it as it is. */
export type WorkspaceUpdate = { name?: string; time_zone?: string; audit_days?: number | null };

/** Which audit records; what is absent doesn't narrow. */
export interface AuditFilter {
  actor_id?: string | undefined;
  action?: string | undefined;
  object_kind?: string | undefined;
  object_id?: string | undefined;
  result?: 'allowed' | 'refused' | undefined;
  search?: string | undefined;
  /** Actions that the searched words stand for, with commas between. */
  search_actions?: string | undefined;
  /** RFC 3339. */
  since?: string | undefined;
  until?: string | undefined;
}
export type AuditFormat = 'csv' | 'json';

export type ChartType = Schemas['Chart']['type'];
export type Chart = Omit<Whole<Schemas['Chart']>, 'figure'> & { figure: Figure | null };

/** Plotly JSON whose colours are names of design tokens. */
export interface Figure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

export type Message = Omit<Whole<Schemas['Message']>, 'answer' | 'problem'> & {
  answer: (Omit<Answer, 'chart' | 'result'> & { chart: Chart; result: ResultPage }) | null;
  problem: ProblemDocument | null;
};
export type MessageAnswer = NonNullable<Message['answer']>;

/** One line of a streamed answer. */
export interface AskEvent {
  type: Schemas['AskEvent']['type'];
  message?: Message | null;
  step?: Step | null;
}

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}
