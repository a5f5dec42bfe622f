import { standingOf } from '../../../src/domain/images/standing';
import { digestsIn, filterOf, running, standing } from './digestNotes';

/**
 * Shapes of tag lists as registries hold them. A row: what it is like, the filter, the digests with their tags (see
 * digestNotes), the tag that must be called newest or null where that cannot be told, and the digest that a service runs.
 */
type Row = [name: string, filter: string, digests: string, newest: string | null, runs?: string];

const rows: Row[] = [
  // Version tags with moving ones beside them
  ['nginx, everything', '*', '1.27.2 1.27 1 mainline latest / 1.26.2 1.26 stable / 1.25.5 1.25', '1.27.2'],
  ['nginx, stable only', 'stable', '1.27.2 1.27 1 mainline latest / 1.26.2 1.26 stable', 'stable'],
  ['nginx, a range with variants around', 'semver:^1.26', '1.27.2 / 1.27.3-alpine / 1.27.4-perl / 1.26.9', '1.27.2'],
  ['nginx, alpine', 'semver:^1@alpine', '1.27.2 / 1.27.1-alpine / 1.26.9-alpine / 1.27.2-alpine-perl', '1.27.1-alpine'],
  ['nginx, alpine with its release', 'semver:^1@alpine*', '1.27.2-alpine 1.27.2-alpine3.20 / 1.26.2-alpine', '1.27.2-alpine'],
  ['postgres, major', 'semver:16', '16.4 16 / 16.3 / 17.0 17 latest / 17rc1', '16.4'],
  ['postgres, prereleases stay out', 'semver:*', '17rc1 / 17beta3 / 16.4 16', '16.4'],
  ['postgres, a prerelease that was asked for', 'semver:>=17-beta', '17rc1 / 17beta3 / 17beta10 / 16.4', '17rc1'],
  ['postgres, bookworm', 'semver:*@bookworm', '16.4-bookworm / 16.4-bullseye / 15.8-bookworm / 16.10-bookworm', '16.10-bookworm'],
  [
    'postgres, alpine releases are one family',
    '*-alpine3.*',
    '16.4-alpine3.19 / 16.4-alpine3.20 / 16.4-alpine3.9',
    '16.4-alpine3.20',
  ],
  ['redis, by numbers and not by letters', 'semver:7', '7.2.9 / 7.2.10 / 7.10.0 / 7.4.0', '7.10.0'],
  ['redis, a variant runs', '*', '7.4.0 7 latest / 7.2.5-alpine / 7.4.0-alpine 7-alpine', '7.4.0-alpine', '7.2.5-alpine'],
  ['redis, nothing newer in the variant that runs', '*', '7.4.0 7 latest / 7.2.5-alpine', '7.2.5-alpine', '7.2.5-alpine'],
  ['node, slim', 'semver:^20@slim', '20.11.1-slim 20-slim / 20.9.0-slim / 20.12.0-bookworm-slim / 21.0.0-slim', '20.11.1-slim'],
  [
    'node, the family that runs',
    '*',
    '22.1.0-bookworm / 22.1.0-slim / 20.1.0-slim / 22.0.0-bookworm',
    '22.1.0-slim',
    '20.1.0-slim',
  ],
  ['node, code names alone', 'lts,current', 'lts / current', 'lts'],
  ['python, python spelling of prereleases', 'semver:>=3.13-alpha', '3.13.0rc2 / 3.13.0rc1 / 3.12.7', '3.13.0rc2'],
  ['python, betas without a separator', '3.1*', '3.12.7 / 3.13.0b4 / 3.11.9', '3.12.7'],
  ['python, slim by glob', '3.*-slim', '3.12.7-slim / 3.9.20-slim / 3.12.7-slim-bookworm', '3.12.7-slim'],
  ['traefik, v in front', 'semver:^3', 'v3.1.4 v3.1 v3 latest / v3.0.4 / v2.11.10', 'v3.1.4'],
  ['traefik, with and without v', 'semver:*', 'v3.1.4 / 3.2.0 / v3.1.5', '3.2.0'],
  [
    'traefik, windows',
    '*windowsservercore*',
    'v3.1.4-windowsservercore-1809 / v3.1.4-windowsservercore-ltsc2022 / v3.1.5-windowsservercore-1809',
    'v3.1.5-windowsservercore-1809',
  ],
  ['ghost', 'semver:5', '5.96.0 5.96 5 latest / 5.95.0 / 5.9.4 / 6.0.0', '5.96.0'],
  ['ghost, the more precise spelling', '5*', '5.96 / 5.96.0 / 5', '5.96.0'],
  ['mysql', '8.*', '8.4.3 8.4 / 8.0.40 8.0 / 8.4.3-oraclelinux9 / 8.4.3-oracle', '8.4.3'],
  ['mysql, two lines at once', 'semver:~8.0 || ~8.4', '8.4.3 / 8.0.40 / 9.1.0', '8.4.3'],
  ['mariadb, code names of the base', '*-noble', '11.5.2-noble / 11.4.3-noble / 11.5.2-ubi9', '11.5.2-noble'],
  ['mariadb, prereleases spelled out', 'semver:^11', '11.6.1-rc / 11.5.2 / 11.6.0-preview / 11.4.3', '11.5.2'],
  [
    'mongo, windows by year',
    'semver:^7@windowsservercore-*',
    '7.0.4-windowsservercore-ltsc2022 / 7.0.14-windowsservercore-1809 / 7.0.14-windowsservercore-ltsc2022',
    '7.0.14-windowsservercore-1809',
  ],
  [
    'mongo, a family among others',
    'semver:^7@windowsservercore-ltsc*',
    '7.0.4-windowsservercore-ltsc2022 / 7.0.14-windowsservercore-ltsc2019 / 7.0.14-windowsservercore-ltsc2022',
    '7.0.14-windowsservercore-ltsc2022',
  ],
  ['grafana', 'semver:*', '11.2.2 / 11.2.2-ubuntu / 11.3.0-79146 / 10.4.10 / main', '11.2.2'],
  [
    'grafana, security releases are a family',
    '*',
    '11.2.2 / 11.2.2-security-01 / 11.2.1-security-02',
    '11.2.2-security-01',
    '11.2.1-security-02',
  ],
  ['prometheus', 'v2.*', 'v2.54.1 / v2.55.0 / v2.55.0-rc.1 / v2.9.2', 'v2.55.0'],
  ['prometheus, only release candidates yet', 'v3.*', 'v3.0.0-rc.0 / v3.0.0-beta.1 / v3.0.0-rc.10 / v3.0.0-rc.2', 'v3.0.0-rc.10'],
  ['gitlab', '*-ce.0', '17.5.1-ce.0 latest / 17.4.3-ce.0 / 17.5.0-ce.0 / 9.5.10-ce.0', '17.5.1-ce.0'],
  ['gitlab runner', 'semver:^17@alpine*', 'alpine-v17.5.1 / v17.5.1 / ubuntu-v17.5.1', null],
  ['gitlab runner, variant in front', 'alpine-v*', 'alpine-v17.5.1 / alpine-v17.10.0 / alpine-v9.5.1', 'alpine-v17.10.0'],
  ['keycloak, packaging revisions', '26.0.*', '26.0.2-0 / 26.0.4-1 / 26.0.4-0', '26.0.4-1'],
  ['keycloak, revisions beside plain tags', '26.0.*', '26.0.4-0 / 26.0.2 26.0', '26.0.2'],
  ['alpine, snapshots of edge are days', 'semver:^3', '3.20.3 3.20 3 latest / 3.19.4 / 20240923 edge', '3.20.3'],
  ['ubuntu, code names with days', 'noble-*', 'noble-20240904 / noble-20241009 / noble-20240827.1', 'noble-20241009'],
  ['ubuntu, code names', '*', '24.04 noble latest / 22.04 jammy / 24.10 oracular rolling / devel', '24.10'],
  [
    'ubuntu, the code name that runs',
    '*',
    'jammy-20240911 / noble-20241009 / jammy-20241011',
    'jammy-20241011',
    'jammy-20240911',
  ],
  ['debian, point releases', 'semver:12', '12.7 12 bookworm latest / 12.10 / 11.11 bullseye', '12.10'],
  ['debian, slim with the day', 'bookworm-*-slim', 'bookworm-20240926-slim / bookworm-20241016-slim', 'bookworm-20241016-slim'],
  ['golang, candidates without a separator', 'semver:^1', '1.23.2 1.23 1 / 1.24rc1 / 1.9.7', '1.23.2'],
  ['golang, candidates in order', '1.24rc*', '1.24rc2 / 1.24rc10 / 1.24rc1', '1.24rc10'],
  ['openjdk, updates of version 8', '8u*-jre', '8u392-b08-jre / 8u402-b06-jre / 8u42-b10-jre / 8u402-b06-jdk', '8u402-b06-jre'],
  ['temurin, build after an underscore', '17.*-jre', '17.0.9_9-jre / 17.0.12_7-jre / 17.0.10_7-jre', '17.0.12_7-jre'],
  ['temurin, builds of one version', '17.*-jre', '17.0.9_9-jre / 17.0.9_11-jre', '17.0.9_11-jre'],
  ['elasticsearch', 'semver:^8', '8.15.3 / 8.16.0-SNAPSHOT / 8.9.2 / 7.17.25', '8.15.3'],
  ['elasticsearch, for one architecture', '*-arm64', '8.15.3-arm64 / 8.15.10-arm64 / 8.15.11-amd64', '8.15.10-arm64'],
  [
    'rabbitmq, management',
    'semver:*@management',
    '3.13.7-management / 4.0.2-management / 4.0.3-management-alpine / 4.0.4',
    '4.0.2-management',
  ],
  [
    'rabbitmq, a candidate of a variant',
    '4.*-management',
    '4.0.2-rc.2-management / 4.0.1-management / 4.0.2-management',
    '4.0.2-management',
  ],
  [
    'minio, times in names',
    'RELEASE.*Z',
    'RELEASE.2024-01-01T16-36-33Z / RELEASE.2024-10-13T13-34-11Z / RELEASE.2023-12-31T01-00-00Z',
    'RELEASE.2024-10-13T13-34-11Z',
  ],
  [
    'minio, latest beside them',
    '*',
    'RELEASE.2024-10-13T13-34-11Z latest / RELEASE.2024-01-01T16-36-33Z',
    'RELEASE.2024-10-13T13-34-11Z',
    'RELEASE.2024-01-01T16-36-33Z',
  ],
  ['home assistant', 'semver:*', '2024.10.4 2024.10 stable latest / 2024.9.3 / 2024.11.0b1 beta rc', '2024.10.4'],
  [
    'home assistant, development builds',
    '2024.*',
    '2024.11.0.dev20241020 / 2024.11.0.dev20241021 / 2024.10.4',
    '2024.11.0.dev20241021',
  ],
  ['calendar versions', '*', '24.10.1 / 24.4.12 / 23.12.0 / 24.10', '24.10.1'],
  ['years and months', '*', '2024.01 / 2024.12 / 2024.2', '2024.12'],
  ['days with hyphens', '*', '2026-01-09 / 2026-01-10 / 2025-12-31', '2026-01-10'],
  ['days without', '*', '20260109 / 20260110 / 20251231', '20260110'],
  ['days, hyphens not filled up', '*', '2026-1-9 / 2026-1-10 / 2025-12-31', '2026-1-10'],
  ['days with a counter', '*', '20260109.1 / 20260109.10 / 20260109.2', '20260109.10'],
  ['numbered builds', 'build-*', 'build-9 / build-10 / build-1', 'build-10'],
  ['plain numbers', '*', '998 / 1000 / 999', '1000'],
  ['branch and number', 'main-*', 'main-99 / main-100 / dev-300', 'main-100'],
  ['numbers beyond counting', '*', '1234567890123456789 / 1234567890123456788 / 999999999999999999', '1234567890123456789'],
  ['huge numbers behind a word', 'r*', 'r99999999999999999999 / r100000000000000000000', 'r100000000000000000000'],
  ['four numbers', '*', '4.9.7.1 / 4.9.7 / 4.9.7.10 / 4.9.7.2', '4.9.7.10'],
  ['four numbers, linuxserver', '*', '1.41.0.8994-ls234 / 1.41.0.8994-ls235 / 1.40.5.8904-ls300', '1.41.0.8994-ls235'],
  ['five numbers', '*', '1.2.3.4.5 / 1.2.3.4.10 / 1.2.3.3.99', '1.2.3.4.10'],
  ['helm, plus turned into underscore', '1.*', '1.2.3_build.7 / 1.2.3_build.10 / 1.2.2_build.11', '1.2.3_build.10'],
  ['kubernetes, k3s', 'semver:*@k3s*', 'v1.30.5-k3s1 / v1.31.1-k3s1 / v1.31.1-rc1-k3s1 / v1.31.1-k3s2', 'v1.31.1-k3s2'],
  ['java, words behind a dot', '*', '4.8.3.Final / 4.10.0.Final / 4.9.1.Final', '4.10.0.Final'],
  ['java, milestones', '*', '5.0.0-M3 / 5.0.0-M10 / 5.0.0-RC1 / 5.0.0-SNAPSHOT', '5.0.0-SNAPSHOT'],
  ['candidates before the release', '*', '2.0.0-rc.2 / 2.0.0 / 2.0.0-alpha / 2.0.0-beta.11', '2.0.0'],
  ['candidates after the release', '*', '2.0.0 / 2.1.0-rc.1', '2.1.0-rc.1'],
  ['two spellings of one release', '*', 'v1.2.0 1.2.0 / 1.1.0 v1.1.0', 'v1.2.0'],

  // Names that tell no order
  ['latest only', 'latest', 'latest', 'latest'],
  ['latest only, by everything', '*', 'latest', 'latest'],
  ['latest only, all else filtered out', 'latest', '2.0.0 / latest 1.9.0', 'latest'],
  ['latest, and what it pointed at before', 'latest', 'none / latest built:1 / none built:9', 'latest', 'none0'],
  ['stable and edge, by pattern', 'stable,edge', 'edge pushed:9 / stable pushed:1', 'stable'],
  ['stable and edge, by push', '*', 'edge pushed:9 / stable pushed:1', 'edge'],
  ['stable and edge, first refresh', '*', 'edge / stable', null],
  ['stable and edge, nothing known but what came later', '*', 'edge seen:2 / stable', 'edge'],
  ['latest with a version, both by name', 'latest,1.25.3', 'latest / 1.25.3', '1.25.3'],
  ['latest with a version on the same digest', 'latest,1.25.3', 'latest 1.25.3 / 1.25.2', 'latest'],
  ['commits, by push', '*', '7f3a2b1 pushed:3 built:1 / 0c9d8e7 pushed:2 built:9 / f00dcafe pushed:1', '7f3a2b1'],
  ['commits, by build', '*', '7f3a2b1 built:3 / 0c9d8e7 built:2', '7f3a2b1'],
  ['commits, a push that is not known of all counts for none', '*', '7f3a2b1 pushed:3 built:1 / 0c9d8e7 built:2', '0c9d8e7'],
  ['commits, first refresh', '*', '7f3a2b1 / 0c9d8e7', null],
  ['commits, one came later', '*', '7f3a2b1 seen:2 / 0c9d8e7 / e1e2e3e', '7f3a2b1'],
  ['commits, two came later together', '*', '7f3a2b1 seen:2 / 0c9d8e7 seen:2 / e1e2e3e', null],
  ['one commit', '*', '7f3a2b1', '7f3a2b1'],
  ['commits, one without letters', '*', '7f3a2b1 built:3 / 1234567 built:2 / 0c9d8e7 built:1', '7f3a2b1'],
  ['commits with sha- in front', 'sha-*', 'sha-7f3a2b1 built:2 / sha-0c9d8e7 built:3', 'sha-0c9d8e7'],
  ['commits of a branch', 'main-*', 'main-7f3a2b1 built:2 / main-0c9d8e7 built:3 / dev-a0a0a0a built:9', 'main-0c9d8e7'],
  ['commits with branch and time', 'main-*', 'main-7f3a2b1-1712000000 / main-0c9d8e7-1713000000', 'main-0c9d8e7-1713000000'],
  ['commits with the day in front', '*', '20260109-7f3a2b1 built:2 / 20260110-0c9d8e7 built:3', '20260110-0c9d8e7'],
  ['commits beside a moving branch', 'main,sha-*', 'main sha-7f3a2b1 built:2 / sha-0c9d8e7 built:3', 'main'],
  ['a commit runs, releases are around', '*', '1.2.0 / 7f3a2b1 pushed:3 / 0c9d8e7 pushed:2', '7f3a2b1', '0c9d8e7'],
  ['a release runs, commits are around', '*', '1.2.0 / 1.1.0 / 7f3a2b1 pushed:3', '1.2.0', '1.1.0'],
  ['full commits', '*', `${'a1'.repeat(20)} built:1 / ${'b2'.repeat(20)} built:2`, 'b2'.repeat(20)],
  ['signatures beside releases', '*', `1.2.0 / sha256-${'9f2c'.repeat(16)}.sig / 1.1.0`, '1.2.0'],

  // Nothing to choose from
  ['nothing the filter takes', 'semver:^9', '1.2.0 / latest', null],
  ['only digests without tags', '*', 'none / none', null],
];

test.each(rows.map((row) => ({ name: row[0], row })))('$name', ({ row: [, filter, digests, newest, runs] }) => {
  const pins = runs === undefined ? [] : [running(runs)];
  expect(standing(filter, digests, ...pins).latestTag).toBe(newest);
  expect(standingOf(filterOf(filter), digestsIn(digests).reverse(), pins).latestTag).toBe(newest);
});

test('the table has no row twice', () => {
  expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
  expect(rows.length).toBeGreaterThanOrEqual(60);
});
