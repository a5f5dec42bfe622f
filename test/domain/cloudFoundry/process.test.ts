import {
  healthCheckOf,
  instanceDetails,
  instanceState,
  scaleOf,
  scaleProblems,
  userOf,
} from '../../../src/domain/cloudFoundry/process';

describe('the state of an instance', () => {
  test.each([
    ['running', 'healthy', 'started', 'RUNNING'],
    ['running', 'none', 'started', 'RUNNING'],
    ['running', 'unknown', 'started', 'RUNNING'],
    ['running', 'healthy', 'stopped', 'RUNNING'],
    ['running', 'unhealthy', 'started', 'CRASHED'],
    ['exited', 'unknown', 'started', 'CRASHED'],
    ['dead', 'unknown', 'started', 'CRASHED'],
    ['restarting', 'unknown', 'started', 'CRASHED'],
    ['exited', 'unknown', 'stopped', 'DOWN'],
    ['dead', 'unknown', 'stopped', 'DOWN'],
    ['created', 'unknown', 'started', 'DOWN'],
    ['paused', 'unknown', 'started', 'DOWN'],
    ['not_found', 'unknown', 'started', 'DOWN'],
    ['not_found', 'unhealthy', 'started', 'DOWN'],
    ['unknown', 'healthy', 'started', 'DOWN'],
    ['anything else', 'unknown', 'started', 'DOWN'],
  ] as const)('a container that is %s and %s, and is to be %s, is %s', (status, health, desired, state) => {
    expect(instanceState({ isDeploying: false, status, health }, desired)).toBe(state);
  });

  test('whatever a deploy works on is STARTING', () => {
    expect(instanceState({ isDeploying: true, status: 'exited', health: 'unhealthy' }, 'started')).toBe('STARTING');
    expect(instanceState({ isDeploying: true, status: 'unknown', health: 'unknown' }, 'stopped')).toBe('STARTING');
  });

  test.each([
    ['running', 'healthy', 'RUNNING', null],
    ['running', 'unhealthy', 'STARTING', null],
    ['running', 'unhealthy', 'CRASHED', 'The container on server web-1 is running and unhealthy'],
    ['exited', 'none', 'CRASHED', 'The container on server web-1 is exited'],
    ['not_found', 'unknown', 'DOWN', 'There is no container on server web-1'],
    ['unknown', 'unknown', 'DOWN', 'Nothing reports on the container on server web-1'],
  ] as const)('of one that is %s and %s, and so %s, is told: %s', (status, health, state, details) => {
    expect(instanceDetails({ isDeploying: state === 'STARTING', status, health }, state, 'web-1')).toBe(details);
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
