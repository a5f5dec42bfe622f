import { isMetadataAddress, parseRegistryUrl } from '../../../src/domain/registries/registryUrl';

describe('registryUrl', () => {
  test.each([
    ['ghcr.io', 'https', 'ghcr.io', 'https://ghcr.io'],
    ['example', 'https', 'example', 'https://example'],
    ['GHCR.io', 'https', 'ghcr.io', 'https://ghcr.io'],
    ['ghcr.io.', 'https', 'ghcr.io', 'https://ghcr.io'],
    ['localhost:5000', 'https', 'localhost:5000', 'https://localhost:5000'],
    ['127.0.0.1:3955', 'https', '127.0.0.1:3955', 'https://127.0.0.1:3955'],
    ['http://10.0.0.5:5000', 'http', '10.0.0.5:5000', 'http://10.0.0.5:5000'],
    ['HTTP://Registry.internal/', 'http', 'registry.internal', 'http://registry.internal'],
    ['https://ghcr.io:443/', 'https', 'ghcr.io', 'https://ghcr.io'],
    ['ghcr.io:443', 'https', 'ghcr.io', 'https://ghcr.io'],
    ['http://registry.internal:443', 'http', 'registry.internal:443', 'http://registry.internal:443'],
    ['https://index.docker.io/v1/', 'https', 'index.docker.io', 'https://index.docker.io'],
    ['https://quay.io/v2', 'https', 'quay.io', 'https://quay.io'],
    ['quay.io/v2/', 'https', 'quay.io', 'https://quay.io'],
    ['https://repo.example.com/artifactory/docker/', 'https', 'repo.example.com', 'https://repo.example.com/artifactory/docker'],
    ['[::1]:5000', 'https', '[::1]:5000', 'https://[::1]:5000'],
    ['http://[FD00:0:0::17]', 'http', '[fd00::17]', 'http://[fd00::17]'],
    ['192.168.1.20', 'https', '192.168.1.20', 'https://192.168.1.20'],
    ['100.100.100.201', 'https', '100.100.100.201', 'https://100.100.100.201'],
    ['my_registry:5000', 'https', 'my_registry:5000', 'https://my_registry:5000'],
    ['https://registry.bücher.example', 'https', 'registry.xn--bcher-kva.example', 'https://registry.xn--bcher-kva.example'],
  ])('%s', (text, scheme, host, normalised) => {
    expect(parseRegistryUrl(text)).toMatchObject({ value: { scheme, host, normalised } });
  });

  test.each([
    ['', 'no complete host', 'Write a host'],
    ['https://', 'no complete host', 'Write a host'],
    ['https:///v2', 'no complete host', 'Write a host'],
    ['ghcr.io:', 'no complete host', 'Write a host'],
    ['not a url', 'a blank', 'Write a host'],
    ['ghcr.io\n', 'a control character', 'Write a host'],
    ['https:\\\\ghcr.io', '"\\"', 'Write a host'],
    ['ghcr%2eio', '"%"', 'Write a host'],
    ['ftp://ghcr.io', 'the scheme "ftp"', 'Write a host'],
    ['file:///etc/passwd', 'the scheme "file"', 'Write a host'],
    ['://ghcr.io', 'the scheme ""', 'Write a host'],
    ['https://ci:geheim@ghcr.io', 'a user name', 'username and password'],
    ['ci@ghcr.io', 'a user name', 'username and password'],
    ['https://ghcr.io?x=1', 'a query', 'Write a host'],
    ['https://ghcr.io/v2#top', 'a fragment', 'Write a host'],
    ['ghcr.io/acme', 'no path', 'repositoryPrefix'],
    ['localhost:port', 'no host', 'Write a host'],
    ['localhost:70000', 'no host', 'Write a host'],
    ['localhost:0', 'no host', 'Write a host'],
    ['ghcr..io', 'no host', 'Write a host'],
    ['-ghcr.io', 'no host', 'Write a host'],
    ['*.ghcr.io', 'no host', 'Write a host'],
    ['[::1', 'no host', 'Write a host'],
    ['1.2.3.256', 'no host', 'Write a host'],
    ['https://[fe80::1%25eth0]', '"%"', 'Write a host'],
  ])('%j is refused', (text, message, hint) => {
    const parsed = parseRegistryUrl(text);
    if (!('issue' in parsed)) throw new Error(`${text} is taken`);
    expect(parsed.issue).toMatchObject({ in: 'body', field: 'registryUrl', code: 'format' });
    expect(parsed.issue.message).toContain(message);
    expect(parsed.issue.hint).toContain(hint);
    expect(parsed.issue.message).not.toContain('geheim');
  });

  test.each([
    '169.254.169.254',
    'http://169.254.169.254/v2/',
    '169.254.0.1:5000',
    '0xA9FEA9FE',
    'http://0xa9.0xfe.0xa9.0xfe',
    '2852039166',
    '025177524776',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.16689662',
    '１６９.254.169.254',
    'https://[fe80::1]:5000',
    '[FEBF::1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[::169.254.169.254]',
    '[::ffff:0:169.254.169.254]',
    '[64:ff9b::169.254.169.254]',
    '[2002:a9fe:a9fe::1]',
    '[fd00:ec2::254]',
    '[fd00:0ec2:0:0:0:0:0:0254]',
    '100.100.100.200',
    '192.0.0.192',
    'metadata.google.internal',
    'https://Metadata.Google.Internal./v2',
  ])('%s leads to instance metadata and is refused', (text) => {
    expect(parseRegistryUrl(text)).toMatchObject({
      issue: {
        field: 'registryUrl',
        code: 'format',
        message: expect.stringContaining('link-local or metadata address'),
      },
    });
  });

  test.each([
    ['169.254.1.2', true],
    ['fe80::1%eth0', true],
    ['::ffff:169.254.169.254', true],
    ['fec0::1', false],
    ['169.253.169.254', false],
    ['10.169.254.1', false],
    ['::1', false],
    ['fd00:ec2::255', false],
    ['2002:a00:5::1', false],
  ])('looked up as %s, refused: %s', (address, refused) => {
    expect(isMetadataAddress(address)).toBe(refused);
  });
});
