import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { startDataOf } from '../../../src/domain/cloudFoundry/startData';
import type { ImageConfig } from '../../../src/domain/images/imageConfig';

const nothing: ImageConfig = { ports: [], user: null, entrypoint: [], cmd: [], workdir: null };

test('start data in the forms of /v3', () => {
  const config: ImageConfig = {
    ports: [{ port: 8080, protocol: 'tcp' }],
    user: 'app',
    entrypoint: ['/bin/shop'],
    cmd: ['serve'],
    workdir: '/srv',
  };
  expect(startDataOf(config)).toEqual({
    executionMetadata:
      '{"ports":[{"Port":8080,"Protocol":"tcp"}],"user":"app","entrypoint":["/bin/shop"],"cmd":["serve"],"workdir":"/srv"}',
    processTypes: { web: '/bin/shop serve' },
  });
});

test('an image that says nothing has an empty start command', () => {
  expect(startDataOf(nothing)).toEqual({ executionMetadata: '{}', processTypes: { web: '' } });
});

test.each([
  [['sh', '-c', 'echo "$HOME"'], `sh -c 'echo "$HOME"'`],
  [["it's"], `'it'\\''s'`],
  [['', 'a b'], `'' 'a b'`],
  [['--port=80'], '--port=80'],
  [['PATH=/tmp'], `'PATH=/tmp'`],
])('%j is quoted as %s', (cmd, web) => {
  expect(startDataOf({ ...nothing, cmd }).processTypes.web).toBe(web);
});

test('a shell reads each word back as it was', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0'));
  void fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (cmd) => {
      const { web } = startDataOf({ ...nothing, cmd }).processTypes;
      const read = execFileSync('sh', ['-c', `for word in ${web}; do printf '%s\\0' "$word"; done`], { encoding: 'utf8' });
      expect(read).toBe(cmd.map((text) => `${text}\0`).join(''));
    }),
    { numRuns: 25 },
  );
});
