/** The values of the API under short names. The generated file is the truth; this one only names its parts. */
import type { components } from './generated';

type Schemas = components['schemas'];

/** Responses always carry every field; only requests may leave those with defaults out. */
type Whole<T> = T extends (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<Exclude<T[Key], undefined>> }
    : T;

export type Answer = Whole<Schemas['Answer']>;
export type Assumption = Whole<Schemas['Assumption']>;
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
export type FieldProblem = Whole<Schemas['FieldProblem']>;
export type Me = Whole<Schemas['Me']>;
export type ProblemDocument = Omit<Whole<Schemas['Problem']>, 'extra'> & { extra: Record<string, unknown> };
export type Rating = 'up' | 'down';
export type ResultColumn = Whole<Schemas['ResultColumn']>;
export type Cell = string | number | boolean | null | object;
export type ResultPage = Omit<Whole<Schemas['ResultPage']>, 'rows'> & { rows: Cell[][] };
export type Step = Whole<Schemas['Step']>;
export type Suggestion = Whole<Schemas['Suggestion']>;
export type WordReading = Whole<Schemas['WordReading']>;
export type Workspace = Whole<Schemas['Workspace']>;

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
