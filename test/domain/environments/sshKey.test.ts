import { readSshKey } from '../../../src/domain/environments/sshKey';
import { fingerprintOf, refusedKeys, takenKeys } from '../../support/sshKeys';

/** Made with `ssh-keygen -t ed25519` for this test; its fingerprint is what `ssh-keygen -lf` shows. */
const known = {
  text: `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACApcREzKBOv0qOE0IdFNZbdXCC12ZOSYv9lWB4Lyq0AXwAAAJime364pnt+
uAAAAAtzc2gtZWQyNTUxOQAAACApcREzKBOv0qOE0IdFNZbdXCC12ZOSYv9lWB4Lyq0AXw
AAAEAfbU6dhL2kst25zducSLPCwdQo+JQIMh0rRSEr72peLClxETMoE6/So4TQh0U1lt1c
ILXZk5Ji/2VYHgvKrQBfAAAAD21hZGUgZm9yIGEgdGVzdAECAwQFBg==
-----END OPENSSH PRIVATE KEY-----
`,
  fingerprint: 'SHA256:6C70LSnYhME5Sa+qnUh1mqZ8HFItSOiqflrgoDkAJIY',
};

test('the fingerprint is that of ssh-keygen', () => {
  expect(readSshKey(known.text)).toEqual({ keyType: 'ed25519', fingerprint: known.fingerprint });
});

test.each(Object.entries(takenKeys))('taken: %s', (_, { type, make }) => {
  const text = make();
  expect(readSshKey(text)).toEqual({ keyType: type, fingerprint: fingerprintOf(text) });
});

test.each(Object.entries(refusedKeys))('refused: %s', (_, { says, make }) => {
  const text = make();
  const read = readSshKey(text);
  expect(read).toEqual({
    issue: {
      in: 'body',
      field: 'sshPrivateKey',
      code: 'unparsable',
      message: expect.stringMatching(says),
      hint: expect.any(String),
    },
  });
  for (const line of text.split('\n').filter((one) => one.length > 8 && !one.startsWith('-----'))) {
    expect(JSON.stringify(read)).not.toContain(line.trim());
  }
});
