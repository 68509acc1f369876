import { t } from '../i18n';
import { ApiClient } from './api';
import { ApiError, problemFrom, Unreachable } from './problems';
import type { Call, Transport } from './transport';

/** The part of an anywidget model that carries messages. */
export interface MessageModel {
  send(content: unknown): void;
  on(event: 'msg:custom', listener: (content: unknown, buffers: DataView[]) => void): void;
  off(event: 'msg:custom', listener: (content: unknown, buffers: DataView[]) => void): void;
}

interface Reply {
  id?: unknown;
  type?: unknown;
  status?: unknown;
  body?: unknown;
  line?: unknown;
  problem?: unknown;
}

interface Open {
  onLine?: ((line: unknown) => void) | undefined;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** A kernel that died says nothing, so silence has to end somewhere. The server's own deadlines are shorter. */
const SILENCE_MS = 180_000;

/** Calls through the kernel, which holds the server's address and token; the browser learns neither. */
export class KernelTransport implements Transport {
  private readonly open = new Map<string, Open>();
  private readonly prefix = Math.random().toString(36).slice(2);
  private count = 0;

  constructor(
    private readonly model: MessageModel,
    private readonly silence = SILENCE_MS
  ) {
    model.on('msg:custom', this.receive);
  }

  /** Lets go of the model; calls that wait end as unreachable. */
  dispose(): void {
    this.model.off('msg:custom', this.receive);
    for (const [id, call] of this.open) {
      this.model.send({ id, type: 'cancel' });
      call.reject(new Unreachable('disposed'));
    }
    this.open.clear();
  }

  async send(call: Call): Promise<unknown> {
    return this.ask(
      {
        type: 'request',
        method: call.method,
        path: call.path,
        query: query(call.query),
        body: call.body ?? null,
        headers: call.headers ?? {}
      },
      call
    );
  }

  /** A file that the browser can't fetch from where it stands, such as Plotly. */
  async asset(name: string): Promise<ArrayBuffer> {
    return (await this.ask({ type: 'asset', name })) as ArrayBuffer;
  }

  private ask(content: Record<string, unknown>, call?: Pick<Call, 'signal' | 'onLine'>): Promise<unknown> {
    const id = `${this.prefix}-${++this.count}`;
    const signal = call?.signal;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      let timer = 0;
      const finish = (): void => {
        this.open.delete(id);
        globalThis.clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        finish();
        this.model.send({ id, type: 'cancel' });
        reject(signal?.reason as Error);
      };
      const watch = (): void => {
        globalThis.clearTimeout(timer);
        timer = globalThis.setTimeout(() => {
          finish();
          reject(new Unreachable('the kernel is silent'));
        }, this.silence) as unknown as number;
      };
      this.open.set(id, {
        onLine: line => {
          watch();
          call?.onLine?.(line);
        },
        resolve: value => {
          finish();
          resolve(value);
        },
        reject: error => {
          finish();
          reject(error as Error);
        }
      });
      signal?.addEventListener('abort', abort);
      watch();
      this.model.send({ id, ...content });
    });
  }

  private readonly receive = (content: unknown, buffers: DataView[]): void => {
    const reply = content as Reply | null;
    const call = typeof reply?.id === 'string' ? this.open.get(reply.id) : undefined;
    if (!reply || !call) {
      return;
    }
    switch (reply.type) {
      case 'line':
        call.onLine?.(typeof reply.line === 'string' ? JSON.parse(reply.line) : reply.line);
        break;
      case 'response': {
        const status = Number(reply.status);
        if (status >= 400) {
          call.reject(problemFrom(status, reply.body));
        } else {
          call.resolve(reply.body ?? null);
        }
        break;
      }
      case 'asset': {
        const view = buffers[0];
        if (view) {
          call.resolve(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
        } else {
          call.reject(new Unreachable('no buffer'));
        }
        break;
      }
      case 'error': {
        const status = Number((reply.problem as { status?: number } | null)?.status ?? 500);
        call.reject(reply.problem ? problemFrom(status, reply.problem) : kernelFailed());
        break;
      }
    }
  };
}

function kernelFailed(): ApiError {
  return new ApiError({
    type: '/problems/kernel',
    title: t('The kernel couldn’t do this'),
    status: 500,
    detail: t('The kernel gave no reason. Run the cell again.'),
    errors: [],
    extra: {}
  });
}

/** Values that are not given don't cross; the rest keeps its type. */
function query(values: Call['query']): Record<string, string | number | boolean> {
  const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Record<string, string | number | boolean>;
}

/** The API as a notebook's kernel offers it. */
export class KernelApi extends ApiClient {
  readonly kernel: KernelTransport;

  constructor(model: MessageModel) {
    const transport = new KernelTransport(model);
    super(transport);
    this.kernel = transport;
  }

  asset(name: string): Promise<ArrayBuffer> {
    return this.kernel.asset(name);
  }

  dispose(): void {
    this.kernel.dispose();
  }
}
