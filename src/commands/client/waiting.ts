import { setTimeout as delay } from 'node:timers/promises';
import { exitCodes } from './exitCodes';
import { plain, type Service } from './service';
import { CommandFailure, progress, type Terminal } from './terminal';

type Body = Record<string, any>;

/** Asks until what was begun has ended; gives its last state. */
export async function waitForEnd(
  terminal: Terminal,
  service: Service,
  kind: 'operation' | 'job',
  answer: Response,
  pollMs: number,
): Promise<Body> {
  const id = encodeURIComponent(new URL(answer.headers.get('location') ?? '', service.url).pathname.split('/').pop() ?? '');
  const path = kind === 'operation' ? `/api/operations/${id}` : `/v3/jobs/${id}`;
  for (let told = ''; ; ) {
    const response = await service.ask({ method: 'GET', path, headers: {} });
    const body = (await response.json()) as Body;
    const state = kind === 'operation' ? body.operation : body;
    const line = stateLine(state);
    if (line !== told) progress(terminal, line);
    told = line;
    if (['succeeded', 'COMPLETE'].includes(state.state)) return body;
    if (['failed', 'cancelled', 'FAILED'].includes(state.state)) throw ended(kind, state);
    const asked = Number(response.headers.get('retry-after'));
    await delay(asked > 0 ? Math.min(asked * 1000, pollMs) : pollMs);
  }
}

function stateLine({ kind, operation, state, progress }: Body): string {
  const of = progress && progress.total !== null ? ` ${progress.done} of ${progress.total}` : '';
  return plain(`${kind ?? operation ?? 'job'}: ${state}${of}`);
}

function ended(kind: 'operation' | 'job', state: Body): CommandFailure {
  const error = kind === 'operation' ? state.error : state.errors?.[0];
  const said = error?.message ?? error?.detail;
  const hint = error?.hint ? [`hint: ${plain(error.hint)}`] : [];
  const id = kind === 'operation' ? state.id : state.guid;
  const message = said ? plain(said) : `The ${kind} has ${state.state === 'cancelled' ? 'been cancelled' : 'failed'}.`;
  return new CommandFailure(exitCodes.other, message, [...hint, `${kind}: ${plain(id)}`]);
}
