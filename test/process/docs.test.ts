import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { type Portolan, startPortolan } from '../support/portolan';

const executablePath = '/usr/bin/chromium';
const present = existsSync(executablePath);
if (!present) console.warn(`The documentation page is not tried in a browser: there is no ${executablePath}.`);
/** CI has a browser; without one it must not pass by skipping. */
const inBrowser = present || process.env.CI ? test : test.skip;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let portolan: Portolan;
let browser: Browser;
beforeAll(async () => {
  portolan = await startPortolan();
  if (present || process.env.CI) browser = await chromium.launch({ executablePath, args: flags });
});
afterAll(async () => {
  await browser?.close();
  await portolan.close();
});

describe('/api/docs in a browser', () => {
  inBrowser(
    'shows every family, takes a pasted token, and calls an operation with it',
    async () => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      const elsewhere: string[] = [];
      const failures: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(portolan.url) && !request.url().startsWith('data:')) elsewhere.push(request.url());
      });
      page.on('pageerror', (error) => failures.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') failures.push(message.text());
      });
      await page.goto(`${portolan.url}/api/docs`);
      await page.locator('h1.title').waitFor();
      for (const family of ['registries', 'container-images', 'services', 'database-types']) {
        await page.locator(`#operations-tag-${family}`).waitFor();
      }
      await page.getByRole('button', { name: 'Authorize' }).first().click();
      await page.locator('.auth-container input').first().fill(portolan.adminToken);
      await page.locator('.auth-btn-wrapper button[type=submit]').first().click();
      await page.getByRole('button', { name: 'Close' }).first().click();
      await page.screenshot({ path: join(tmpdir(), 'portolan-docs.png') });
      await page.locator('#operations-tag-auth').click();
      await page.locator('#operations-auth-getCurrentPrincipal').click();
      await page.getByRole('button', { name: 'Execute' }).click();
      const answer = page.locator('.live-responses-table .response').first();
      await answer.waitFor();
      expect(await answer.innerText()).toContain('200');
      expect(await answer.innerText()).toContain('admin@portolan.local');
      await page.screenshot({ path: join(tmpdir(), 'portolan-docs-answer.png') });
      expect(elsewhere).toEqual([]);
      expect(failures).toEqual([]);
    },
    60_000,
  );
});
