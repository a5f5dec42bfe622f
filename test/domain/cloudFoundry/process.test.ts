import { healthCheckOf, instanceState, noReport, scaleOf, scaleProblems, userOf } from '../../../src/domain/cloudFoundry/process';

describe('the state of an instance', () => {
  test.each([
    ['running', 'healthy', 'started', 'RUNNING'],
    ['running', 'none', 'started', 'RUNNING'],
    ['running', 'unknown', 'started', 'RUNNING'],
    ['running', null, 'started', 'RUNNING'],
    ['running', 'healthy', 'stopped', 'RUNNING'],
    ['running', 'unhealthy', 'started', 'CRASHED'],
    ['exited', null, 'started', 'CRASHED'],
    ['dead', null, 'started', 'CRASHED'],
    ['restarting', null, 'started', 'CRASHED'],
    ['exited', null, 'stopped', 'DOWN'],
    ['dead', null, 'stopped', 'DOWN'],
    ['created', null, 'started', 'DOWN'],
    ['paused', null, 'started', 'DOWN'],
    ['missing', null, 'started', 'DOWN'],
    ['missing', 'unhealthy', 'started', 'DOWN'],
    ['unknown', null, 'started', 'DOWN'],
    ['anything else', null, 'started', 'DOWN'],
  ] as const)('a container that is %s and %s, and is to be %s, is %s', (status, health, desired, state) => {
    expect(instanceState({ isDeploying: false, status, health }, desired)).toBe(state);
  });

  test('whatever a deploy works on is STARTING', () => {
    expect(instanceState({ isDeploying: true, status: 'exited', health: 'unhealthy' }, 'started')).toBe('STARTING');
    expect(instanceState({ ...noReport, isDeploying: true }, 'stopped')).toBe('STARTING');
  });

  test.each(['started', 'stopped'])('what nothing reports on is DOWN, though it is to be %s', (desired) => {
    expect(instanceState(noReport, desired)).toBe('DOWN');
  });
});

describe('the health check of a process', () => {
  const times = { healthWaitMs: 30_000, healthIntervalMs: 5_000 };
  test.each([
    ['http://127.0.0.1:8080/health', '/health'],
    ['https://user:secret@shop.example/a/b?token=secret#c', '/a/b'],
    ['127.0.0.1:8080/health', '/health'],
    ['HTTP://shop.example', '/'],
    ['http://[', '/'],
  ])('calls the path of %s: %s', (healthCheckUrl, endpoint) => {
    const check = healthCheckOf({ healthCheckUrl, ...times });
    expect(check).toEqual({ type: 'http', data: { timeout: 30, invocation_timeout: null, interval: 5, endpoint } });
  });

  test('without a URL it looks at the process', () => {
    const check = healthCheckOf({ healthCheckUrl: null, healthWaitMs: 1_001, healthIntervalMs: 1 });
    expect(check).toEqual({ type: 'process', data: { timeout: 2, invocation_timeout: null, interval: 1 } });
  });
});

test.each([
  ['{"user":"app"}', 'app'],
  ['{"user":""}', null],
  ['{"user":7}', null],
  ['{}', null],
  ['no JSON', null],
  [null, null],
])('the user of %s is %s', (metadata, user) => expect(userOf(metadata)).toBe(user));

describe('scaling', () => {
  const present = scaleOf(2);
  test('to what is there is no problem', () => {
    expect(scaleProblems(present, {})).toEqual([]);
    expect(scaleProblems(present, { ...present })).toEqual([]);
  });

  test('to anything else names each member', () => {
    const wanted = { instances: 0, memory_in_mb: 64, disk_in_mb: 64, log_rate_limit_in_bytes_per_second: 0 };
    const problems = scaleProblems(present, wanted);
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(Object.keys(present));
  });
});
