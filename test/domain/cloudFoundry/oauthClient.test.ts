import { clientOf, requirePublicClient } from '../../../src/domain/cloudFoundry/oauthClient';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the client of a request', () => {
  test.each([
    ['by HTTP Basic', basic('cf:'), {}, { id: 'cf', secret: '' }],
    ['with colons in its secret', basic('a:b:c'), {}, { id: 'a', secret: 'b:c' }],
    ['beyond ASCII', basic('ä:ö'), {}, { id: 'ä', secret: 'ö' }],
    ['with several blanks', basic('cf:').replace(' ', '   '), {}, { id: 'cf', secret: '' }],
    ['in the body', undefined, { client_id: 'a', client_secret: 'b' }, { id: 'a', secret: 'b' }],
    ['in the body beside a bearer', 'bearer x', { client_id: 'a' }, { id: 'a', secret: '' }],
    ['by HTTP Basic, before the body', basic('a:b'), { client_id: 'c', client_secret: 'd' }, { id: 'a', secret: 'b' }],
  ])('%s', (_, authorization, form, expected) => {
    expect(clientOf(authorization, form)).toEqual(expected);
  });

  test.each([
    ['nobody', undefined],
    ['a bearer', 'Bearer x'],
    ['nothing', 'Basic'],
    ['blanks', 'Basic  '],
    ['no base64', 'Basic a!b'],
    ['base64 of base64', `Basic ${basic('cf:')}`],
    ['no colon', basic('cf')],
    ['no name', basic(':secret')],
    ['U+0000', basic('c\0:x')],
  ])('that is %s is refused', (_, authorization) => {
    expect(() => clientOf(authorization, {})).toThrow(expect.objectContaining({ code: 'invalid_client' }));
  });
});

test('a person comes by the client cf with an empty secret only', () => {
  expect(() => requirePublicClient({ id: 'cf', secret: '' })).not.toThrow();
  for (const client of [
    { id: 'cf', secret: 'x' },
    { id: 'CF', secret: '' },
    { id: 'other', secret: '' },
  ]) {
    expect(() => requirePublicClient(client)).toThrow(expect.objectContaining({ code: 'invalid_client' }));
  }
});
