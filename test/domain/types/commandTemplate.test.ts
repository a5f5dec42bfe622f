import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import {
  type CommandTemplate,
  checkCommandTemplate,
  fillCommandTemplate,
  parseCommandTemplate,
  type TemplateField,
  type TemplateValues,
} from '../../../src/domain/types/commandTemplate';

const templateOf = (text: string): CommandTemplate => {
  const parsed = parseCommandTemplate(text);
  if ('fault' in parsed) throw new Error(`${text}: ${parsed.fault.message}`);
  return parsed.value;
};
const fill = (text: string, values: TemplateValues = {}) => {
  const filled = fillCommandTemplate(templateOf(text), values);
  if ('problems' in filled) throw new Error(filled.problems.map(({ message }) => message).join(' '));
  return filled.value;
};
const problemsOf = (text: string, values: TemplateValues) => {
  const filled = fillCommandTemplate(templateOf(text), values);
  return 'problems' in filled ? filled.problems : [];
};

const fields: TemplateField[] = [
  { name: 'host', type: 'text' },
  { name: 'port', type: 'number' },
  { name: 'databaseName', type: 'text' },
  { name: 'password', type: 'password' },
];
const issuesOf = (text: string) => checkCommandTemplate(text, { fields, field: 'backupCommand' });

describe('words', () => {
  test.each([
    ['example', ['example']],
    ['  pg_dump\t--verbose  ', ['pg_dump', '--verbose']],
    ['echo \'a b\'"c d"e', ['echo', 'a bc de']],
    ['echo \'\' ""', ['echo', '', '']],
    ['echo a\\ b \\"c\\" \\\\', ['echo', 'a b', '"c"', '\\']],
    ['echo "\\"\\$\\`\\\\ \\n"', ['echo', '"$`\\ \\n']],
    ["echo 'a\\b' '$HOME' '`x`' '*' '|;&'", ['echo', 'a\\b', '$HOME', '`x`', '*', '|;&']],
    ['echo "a|b;c&d*e?[f]"', ['echo', 'a|b;c&d*e?[f]']],
    ['echo \\* \\| \\; \\& \\> \\$x', ['echo', '*', '|', ';', '&', '>', '$x']],
    ["psql --command='SELECT 1'", ['psql', '--command=SELECT 1']],
    ['echo a#b a~b 5$ "5$" {a,b} a=b', ['echo', 'a#b', 'a~b', '5$', '5$', '{a,b}', 'a=b']],
    ['echo a\\\n  b', ['echo', 'a', 'b']],
    ['echo \\\n  a \\\n b\\\nc', ['echo', 'a', 'bc']],
    ['echo "a\\\nb"', ['echo', 'ab']],
    ['\n  echo a\n', ['echo', 'a']],
    ["mongosh --eval 'db.x.find({a: {b: 1}})'", ['mongosh', '--eval', 'db.x.find({a: {b: 1}})']],
  ])('%j', (text, args) => {
    expect(fill(text)).toEqual({ env: {}, args });
  });

  test('are those of a POSIX shell', () => {
    const print = `${process.execPath} -e "console.log(JSON.stringify(process.argv.slice(1)))" --`;
    for (const words of [
      '\'a b\'"c d"e',
      'a\\ b \\"c\\" \\\\',
      '"\\"\\$\\`\\\\ \\n"',
      "'a\\b' '' \"\"",
      'a#b 5$ "5$" a=b',
      'a\\\nb "c\\\nd"',
    ]) {
      const shell = JSON.parse(execFileSync('/bin/sh', ['-c', `${print} ${words}`], { encoding: 'utf8' }));
      expect(fill(`echo ${words}`).args.slice(1)).toEqual(shell);
    }
  });

  test('leading NAME=value words are the environment', () => {
    expect(fill("A=1 B_2='x y' C= cmd D=4")).toEqual({ env: { A: '1', B_2: 'x y' }, args: ['cmd', 'D=4'] });
    expect(fill("'A'=1 cmd").args).toEqual(['A=1', 'cmd']);
    expect(fill('2A=1 cmd').args).toEqual(['2A=1', 'cmd']);
    expect(fill('__proto__=1 cmd').env).toHaveProperty(['__proto__'], '1');
  });

  test.each([
    ['cat < in.sql > out.sql', 'in.sql', 'out.sql'],
    ['cat >out.sql <in.sql', 'in.sql', 'out.sql'],
    ["cat > 'a b'", undefined, 'a b'],
    ['cat x2 >{{outputFile}}', undefined, '/tmp/o'],
  ])('redirections: %s', (text, stdinFile, stdoutFile) => {
    const filled = fill(text, { outputFile: '/tmp/o' });
    expect(filled.stdinFile).toBe(stdinFile);
    expect(filled.stdoutFile).toBe(stdoutFile);
    expect(filled.args[0]).toBe('cat');
  });
});

describe('what only a shell could do is refused', () => {
  test.each([
    ['pg_dump | gzip', 9, '"|"'],
    ['pg_dump || true', 9, '"|"'],
    ['pg_dump; rm x', 8, '";"'],
    ['pg_dump &', 9, '"&"'],
    ['a && b', 3, '"&"'],
    ['echo `id`', 6, 'backquote'],
    ['echo "`id`"', 7, 'backquote'],
    ['echo $(id)', 6, '"$("'],
    ['echo "$(id)"', 7, '"$("'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own form
    ['echo ${HOME}', 6, '"${"'],
    ['echo $HOME', 6, '"$HOME"'],
    ['echo "a $1"', 9, '"$1"'],
    ['(id)', 1, '"("'],
    ['ls *.sql', 4, 'glob "*"'],
    ['ls a?', 5, 'glob "?"'],
    ['ls [ab]', 4, 'glob "["'],
    ['ls ~/x', 4, '"~"'],
    ['ls # all', 4, '"#"'],
    ['a >> b', 3, '">>"'],
    ['a 2> b', 4, '">"'],
    ['a 2>&1', 4, '">"'],
    ['a << EOF', 3, '"<<"'],
    ['a <(b)', 3, '"<("'],
    ['a >| b', 3, '">|"'],
    ['a > b c', 7, 'follows a redirection'],
    ['a > b > c', 7, 'stands twice'],
    ['a >', 3, 'names no file'],
    ['a > < b', 3, 'names no file'],
    ['a\nb', 2, 'line break'],
    ["a 'b\0'", 5, 'NUL'],
    ["a 'b", 3, 'not closed'],
    ['a "b', 3, 'not closed'],
    ['a\\', 2, 'ends in a backslash'],
    ['', 1, 'names no program'],
    ['   ', 4, 'names no program'],
    ['A=1', 4, 'names no program'],
    ['< in', 5, 'names no program'],
    ['a {{host', 3, 'not closed'],
    ['a {{ho st}}', 3, 'no placeholder'],
    ['a {{}}', 3, 'no placeholder'],
    ['a {{range servers}}', 3, 'no placeholder'],
  ])('%j at %i', (text, position, message) => {
    const [issue, ...others] = issuesOf(text);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({
      in: 'body',
      field: 'backupCommand',
      code: 'pattern',
      hint: expect.stringMatching(/\S/),
    });
    expect(issue?.message).toMatch(new RegExp(`^Position ${position}: `));
    expect(issue?.message).toContain(message);
  });
});

describe('placeholders', () => {
  test.each([
    'example',
    'PGPASSWORD={{password}} pg_dump --host={{host}} --port {{ port }} {{databaseName}} > {{outputFile}}',
    'PGSSLMODE={{sslMode}} pg_restore < {{inputFile}}',
    'mongodump --config {{yamlFile:password}}',
    "CONFIG={{yamlFile:password}} 'a {{host}} b'",
  ])('%s is fine', (text) => {
    expect(issuesOf(text)).toEqual([]);
  });

  test.each([
    ['x {{user}}', 'unknown_reference', 'Position 3: {{user}} is no connection field.', 'Use {{host}}, {{port}}'],
    ['x {{hots}}', 'unknown_reference', '{{hots}}', 'Did you mean {{host}}?'],
    ['x {{outputfile}}', 'unknown_reference', '{{outputfile}}', 'Did you mean {{outputFile}}?'],
    ["x '{{nope1234567}}'", 'unknown_reference', 'Position 4', 'Use {{host}}'],
    ['mysqldump -p{{password}}', 'inconsistent', 'Position 13: {{password}} is a password', 'NAME={{password}}'],
    ['x A={{password}}', 'inconsistent', 'process list', '{{yamlFile:password}}'],
    ['x > {{password}}', 'inconsistent', 'process list', 'in front of the program'],
    ['x {{yamlFile:host}}', 'unknown_reference', 'does not name a password field', 'Write {{yamlFile:password}}.'],
    ['x {{yamlFile:nope}}', 'unknown_reference', 'does not name a password field', 'Write {{yamlFile:password}}.'],
    ['x {{other:password}}', 'unknown_reference', 'no connection field', 'Use'],
  ])('%s', (text, code, message, hint) => {
    const [issue, ...others] = issuesOf(text);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ field: 'backupCommand', code });
    expect(issue?.message).toContain(message);
    expect(issue?.hint).toContain(hint);
  });

  test('all of them are named', () => {
    expect(issuesOf('A={{a1}} x {{b1}} {{password}} > {{c1}}')).toHaveLength(4);
  });

  test('a name of the object prototype is no field', () => {
    expect(issuesOf('x {{constructor}}')).toMatchObject([{ code: 'unknown_reference' }]);
    expect(fill('x {{constructor}}').args).toEqual(['x']);
  });
});

describe('values', () => {
  test('fill their own word', () => {
    expect(
      fill('PGPASSWORD={{password}} pg_dump --host={{host}} {{databaseName}} > {{outputFile}}', {
        password: "p'w $(id) {{host}}",
        host: 'db 1; reboot',
        databaseName: '> x | y',
        outputFile: '/tmp/a b',
      }),
    ).toEqual({
      env: { PGPASSWORD: "p'w $(id) {{host}}" },
      args: ['pg_dump', '--host=db 1; reboot', '> x | y'],
      stdoutFile: '/tmp/a b',
    });
  });

  test('an empty password is not set at all', () => {
    expect(fill('A={{password}} B=x{{password}} cmd', { password: '' }).env).toEqual({ B: 'x' });
    expect(fill('A={{password}} cmd', { password: null }).env).toEqual({});
  });

  test.each([
    ['cmd --user {{user}} x', ['cmd', 'x']],
    ['cmd -u {{user}} x', ['cmd', 'x']],
    ['cmd {{user}} x', ['cmd', 'x']],
    ['-x {{user}}', ['-x']],
    ['cmd sub {{user}} x', ['cmd', 'sub', 'x']],
    ['cmd --user={{user}} x', ['cmd', '--user=', 'x']],
    ['cmd --db=a {{user}}', ['cmd', '--db=a']],
    ['cmd --db={{port}} {{user}}', ['cmd', '--db=7']],
    ['cmd -- {{user}}', ['cmd', '--']],
    ['cmd - {{user}}', ['cmd', '-']],
    ['cmd --a {{user}} {{user}} x', ['cmd', 'x']],
    ['cmd --a --user {{user}}', ['cmd', '--a']],
    ['cmd --user "{{user}}" x', ['cmd', 'x']],
    ["cmd --a '' x", ['cmd', '--a', '', 'x']],
    ['cmd --port {{port}}', ['cmd', '--port', '7']],
  ])('an empty optional value in %s', (text, args) => {
    expect(fill(text, { user: '', port: 7 }).args).toEqual(args);
  });

  test.each([
    ['cmd {{host}}', { host: '-oProxyCommand=x' }, 'starts with "-"'],
    ['cmd "{{host}}"x', { host: '-v' }, 'starts with "-"'],
    ['cmd {{user}}{{host}}', { user: '', host: '-v' }, 'starts with "-"'],
    ['cmd {{port}}', { port: -1 }, 'starts with "-"'],
    ['{{host}}', { host: '-v' }, 'starts with "-"'],
    ['cmd {{host}}', { host: 'a\0b' }, 'line break or a NUL'],
    ['cmd --host={{host}}', { host: 'a\nb' }, 'line break or a NUL'],
    ['A={{host}} cmd', { host: 'a\rb' }, 'line break or a NUL'],
    ['cmd > {{host}}', { host: 'a\n' }, 'line break or a NUL'],
    ['{{host}} x', { host: '' }, 'is empty'],
    ['cmd < {{inputFile}}', {}, 'is empty'],
  ])('%s refuses %j', (text, values, message) => {
    const [problem, ...others] = problemsOf(text, values);
    expect(others).toEqual([]);
    expect(problem?.message).toContain(message);
    expect(problem?.hint).toMatch(/\S/);
    expect(problem?.message).not.toContain('ProxyCommand');
  });

  test.each([
    ['cmd --host={{host}}', ['cmd', '--host=-v']],
    ["cmd 'x'{{host}}", ['cmd', 'x-v']],
    ['cmd {{port}}{{host}}', ['cmd', '7-v']],
  ])('%s takes a value with "-"', (text, args) => {
    expect(fill(text, { host: '-v', port: 7 }).args).toEqual(args);
  });
});

describe('no value changes the other words', () => {
  const texts = [
    'A={{password}} cmd --host={{host}} --user {{user}} x > {{outputFile}}',
    'cmd \'a {{host}}\' "{{user}}" {{host}}{{user}} -- end < {{outputFile}}',
    'cmd -u {{user}} -h {{host}}',
  ];
  // Values without "-" at the start and without line breaks; what those do is told above.
  const value = fc
    .string({ unit: fc.constantFrom(...'ab \t\'"\\$`|;&<>(){}*?[]~#=-,'), minLength: 1, maxLength: 12 })
    .map((text) => `v${text}`);

  test.each(texts)('%s', (text) => {
    const template = templateOf(text);
    fc.assert(
      fc.property(value, value, value, (host, user, password) => {
        const values = { host, user, password, outputFile: '/o' };
        const { args, env } = fill(text, values);
        expect(args).toHaveLength(template.words.length);
        expect(Object.keys(env)).toEqual(template.env.map(({ name }) => name));
        template.words.forEach((word, index) => {
          const expected = word
            .map((part) => ('text' in part ? part.text : values[part.placeholder as keyof typeof values]))
            .join('');
          expect(args[index]).toBe(expected);
        });
      }),
    );
  });

  test('leaving one out takes at most its own word and the option before it', () => {
    fc.assert(
      fc.property(value, (host) => {
        expect(fill('cmd -u {{user}} -h {{host}}', { host, user: '' }).args).toEqual(['cmd', '-h', host]);
      }),
    );
  });
});

test('any text is either a command or refused with a place inside it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ab=1 \t\n\'"\\$`|;&<>(){}*?[]~#-'), maxLength: 30 });
  fc.assert(
    fc.property(text, (source) => {
      const parsed = parseCommandTemplate(source);
      if ('value' in parsed) {
        expect(parsed.value.words.length).toBeGreaterThan(0);
      } else {
        expect(parsed.fault.position).toBeGreaterThanOrEqual(1);
        expect(parsed.fault.position).toBeLessThanOrEqual(source.length + 1);
      }
    }),
    { numRuns: 5000 },
  );
});
