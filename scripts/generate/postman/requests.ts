import { type Contract, resolve } from '../contract';
import type { Credential, Step } from '../walk/step';
import { filled } from '../walk/text';
import { after, before } from './scripts';

/** A header or a parameter of the query; one that is disabled is offered, and not sent. */
interface Entry {
  key: string;
  value: string;
  description?: string;
  disabled?: boolean;
}

/** One request of the collection. */
export function itemOf(contract: Contract, step: Step) {
  return {
    id: idOf(step.name),
    name: step.name,
    request: {
      method: step.placed.method.toUpperCase(),
      description: description(step),
      url: urlOf(contract, step),
      header: headersOf(step),
      ...(step.body ? { body: bodyOf(step) } : {}),
      ...authOf(step.credential),
    },
    event: [...(step.needsRegistry ? [event('prerequest', before(step))] : []), event('test', after(contract, step))],
  };
}

/** An id that stays the same, whatever is made before it: a script names the request that is sent next by it. */
const idOf = (name: string): string => name.replace(/\W+/g, '-');

export const event = (listen: string, exec: string[]) => ({ listen, script: { type: 'text/javascript', exec } });

/** With variables as Postman writes them. */
const written = (text: string): string => filled(text, (name) => (name === 'idempotencyKey' ? '{{$guid}}' : `{{${name}}}`));

function description({ placed: { operation }, why, headers, body }: Step): string {
  return [
    `**${operation.summary}.**`,
    operation.description?.trim(),
    ...(why ? [`In this walk: ${why}`] : []),
    ...(headers.some(([name]) => name === 'If-Match')
      ? ['`If-Match` refuses the change (412) when somebody else was first.']
      : []),
    ...(headers.some(([name]) => name === 'Idempotency-Key')
      ? ['With an `Idempotency-Key` it can be sent again: it is done once.']
      : []),
    ...(body?.kind === 'multipart'
      ? ['The file is written out here, so that it runs anywhere; `form-data` takes one from disk.']
      : []),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function urlOf(contract: Contract, step: Step) {
  const path = written(step.path);
  const query = queryOf(contract, step);
  const sent = query.filter(({ disabled }) => !disabled).map(({ key, value }) => `${key}=${value}`);
  return {
    raw: `{{${step.base}}}${path}${sent.length > 0 ? `?${sent.join('&')}` : ''}`,
    host: [`{{${step.base}}}`],
    path: path.slice(1).split('/'),
    ...(query.length > 0 ? { query } : {}),
  };
}

/** What is sent, and switched off whatever else the operation takes. */
function queryOf(contract: Contract, { placed, query }: Step): Entry[] {
  const all = placed.parameters.filter((one) => one.in === 'query');
  return all.map((parameter) => {
    const given = query.find(([name]) => name === parameter.name);
    const { default: standard } = resolve(contract, parameter.schema);
    const value = parameter.example ?? standard ?? '';
    return {
      key: parameter.name,
      value: given ? written(given[1]) : String(value),
      ...(parameter.description ? { description: parameter.description } : {}),
      ...(given ? {} : { disabled: true }),
    };
  });
}

function headersOf({ placed, headers, body }: Step): Entry[] {
  const type = { json: 'application/json', form: undefined, multipart: `multipart/form-data; boundary=${boundary}` };
  const contentType = body && type[body.kind];
  const offered = placed.parameters.filter((one) => one.in === 'header' && !headers.some(([name]) => name === one.name));
  return [
    ...(contentType ? [{ key: 'Content-Type', value: contentType }] : []),
    ...headers.map(([key, value]) => ({ key, value: written(value) })),
    ...offered.map((one) => ({ key: one.name, value: String(one.example ?? ''), disabled: true })),
  ];
}

const boundary = 'the-end-of-a-part';

function bodyOf({ body }: Step): object {
  if (body?.kind === 'form')
    return { mode: 'urlencoded', urlencoded: body.fields.map(([key, value]) => ({ key, value: written(value) })) };
  if (body?.kind === 'multipart') {
    const parts = body.parts.map(({ name, value, filename }) => {
      const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`;
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${written(value)}\r\n`;
    });
    return { mode: 'raw', raw: `${parts.join('')}--${boundary}--\r\n` };
  }
  // Two braces are a variable to Postman; those of the contract are text.
  const raw = JSON.stringify(body?.value, null, 2).replaceAll('{{', '{\\u007b');
  return { mode: 'raw', raw: written(raw), options: { raw: { language: 'json' } } };
}

function authOf(credential: Credential): { auth?: object } {
  if (credential.kind === 'none') return { auth: { type: 'noauth' } };
  if (credential.kind === 'basic') {
    const basic = [
      { key: 'username', value: credential.user, type: 'string' },
      { key: 'password', value: credential.password, type: 'string' },
    ];
    return { auth: { type: 'basic', basic } };
  }
  return credential.variable === 'token' ? {} : { auth: bearer(credential.variable) };
}

export const bearer = (name: string): object => ({
  type: 'bearer',
  bearer: [{ key: 'token', value: `{{${name}}}`, type: 'string' }],
});
