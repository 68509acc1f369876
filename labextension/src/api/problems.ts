import { t } from '../i18n';
import type { FieldProblem, ProblemDocument } from './types';

/** Why a call failed, in words for the user. */
export class ApiError extends Error {
  readonly kind: string;
  readonly title: string;
  readonly status: number;
  readonly fields: FieldProblem[];
  readonly extra: Record<string, unknown>;

  constructor(problem: ProblemDocument) {
    super(problem.detail || problem.title);
    this.name = 'ApiError';
    this.kind = problem.type.replace('/problems/', '');
    this.title = problem.title;
    this.status = problem.status;
    this.fields = problem.errors;
    this.extra = problem.extra;
  }

  /** What the server says about one field of a form, by its dotted path. */
  field(path: string): string | undefined {
    return this.fields.find(each => each.field === path)?.detail;
  }
}

/** No answer came: the server is away, or the network is. */
export class Unreachable extends ApiError {
  constructor(cause: unknown) {
    super(
      problem(
        'unreachable',
        0,
        t('The server doesn’t answer'),
        t('DataAsk lost its connection to the server. Check that Jupyter still runs, then try again.')
      )
    );
    this.name = 'Unreachable';
    this.cause = cause;
  }
}

/** JupyterHub wants to see the user's face: the way in is a page, which can't be shown here. */
export class SignInNeeded extends ApiError {
  constructor(readonly href: string) {
    super(
      problem(
        'sign-in-needed',
        401,
        t('You aren’t signed in to DataAsk'),
        t('JupyterHub didn’t let this page in by itself. Sign in on DataAsk’s own page, then come back and try again.')
      )
    );
    this.name = 'SignInNeeded';
  }
}

/** The page is there, the server extension is not. */
export class ExtensionMissing extends ApiError {
  constructor() {
    super(
      problem(
        'extension-missing',
        404,
        t('DataAsk’s server part isn’t running'),
        t(
          'The Jupyter server doesn’t know DataAsk. Run “jupyter server extension enable dataask_jupyter” in the server’s environment, then start Jupyter again.'
        )
      )
    );
    this.name = 'ExtensionMissing';
  }
}

function problem(kind: string, status: number, title: string, detail: string): ProblemDocument {
  return { type: `/problems/${kind}`, title, status, detail, errors: [], extra: {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** The error that a response describes: a problem document where the server sent one, else its status. */
export function problemFrom(status: number, body: unknown): ApiError {
  if (isRecord(body) && typeof body['type'] === 'string' && typeof body['title'] === 'string') {
    const errors = Array.isArray(body['errors']) ? (body['errors'] as FieldProblem[]) : [];
    return new ApiError({
      type: body['type'],
      title: body['title'],
      status,
      detail: text(body['detail'], body['title']),
      errors,
      extra: isRecord(body['extra']) ? body['extra'] : {}
    });
  }
  // Only the API itself writes problem documents: a bare 404 means that nobody serves its addresses.
  if (status === 404) {
    return new ExtensionMissing();
  }
  const message = isRecord(body) ? text(body['message'], '') : '';
  return new ApiError(
    problem('http', status, t('The server answered with status %1', status), message || t('Try it again later.'))
  );
}

/** Any failure as one that can be shown. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) {
    return error;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiError(problem('unexpected', 0, t('Something went wrong'), detail));
}

/** A message that failed keeps its problem; this is the same value as an error. */
export function problemError(problem: ProblemDocument): ApiError {
  return new ApiError(problem);
}

/** Tells that the front end and the server are different releases; null when they match. */
export function versionMismatch(frontEnd: string, server: string): string | null {
  return frontEnd === server
    ? null
    : t('The page is DataAsk %1, the server %2. Reload the page, or install the same version on both sides.', frontEnd, server);
}
