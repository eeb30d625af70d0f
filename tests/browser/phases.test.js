// What comes and goes while one edits, small and large, light and dark: axe-core finds nothing in it, nothing sticks out.
// And what is there in both tabs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.js';
import { address, ask, behind, choose, eventually, launch, loaded, newPage, openPage } from './helper.js';
import { open } from './make.js';
import { drawFlower, encodePng } from './picture.js';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const flower = encodePng(drawFlower(320, 240));

for (const width of [390, 1400]) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    test(`all phases of an edit at ${width} pixels, ${colorScheme}`, async () => {
      const small = width < 500;
      const { page, problems } = await newPage(browser, { viewport: { width, height: 844 }, colorScheme, reducedMotion: 'reduce', hasTouch: small, isMobile: small });
      // Not every device can.
      await page.addInitScript(() => { Navigator.prototype.canShare = () => true; });
      await page.goto(address);
      await loaded(page);
      await behind(page);
      const look = async (/** @type {string} */ phase, /** @type {string} */ covered = 'nothing') => {
        assert.deepEqual((await violations(page)).filter((/** @type {string} */ found) => !found.startsWith(covered)), [], phase);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, phase);
      };
      await choose(page, 'flower.png', flower);
      const chip = page.locator('#things button').first();
      await chip.waitFor();
      await eventually(async () => {
        await chip.blur();
        await chip.focus();
        assert(await page.locator('.point canvas').count());
      });
      await look('chips with an overlay');

      await page.locator('#prompt').pressSequentially('a qwrtzu navy gingham flower');
      await page.locator('.after canvas').waitFor();
      await page.locator('#marks .unknown').waitFor();
      await look('typing');

      const dropper = page.locator('.cloths button[aria-pressed]');
      await dropper.click();
      await page.locator('.aim').waitFor();
      await look('swatches with the dropper');
      await page.keyboard.press('Escape');

      await ask(page, 'a navy gingham flower');
      await dropper.focus();
      await page.keyboard.press('?');
      await page.locator('dialog.help').waitFor();
      await look('keys');
      await page.keyboard.press('Escape');

      await page.locator('#several').click();
      await page.waitForFunction(() => document.querySelectorAll('dialog.several [aria-busy="false"]').length === 6);
      await look('several');
      await page.keyboard.press('Escape');

      await page.click('#save');
      await page.locator('#share').waitFor();
      // What the menu lies over is too small as long as it does.
      await look('share menu', 'target-size');
      const low = await page.locator('#save-menu button').evaluateAll((all) => all.map((button) => button.getBoundingClientRect().height).filter((height) => height > 0 && height < 40));
      assert.deepEqual(low, []);
      assert.deepEqual(problems, []);
    });
  }
}

for (const width of [390, 1400]) {
  test(`in both tabs at ${width} pixels: the keys are told of, and there is another language`, async () => {
    const { page, problems } = await openPage(browser, { viewport: { width, height: 844 } });
    const language = page.getByRole('button', { name: '中文' });
    await language.waitFor();
    await open(page);
    assert.deepEqual(await violations(page), []);
    await page.locator('#making-tab').focus();
    await page.keyboard.press('?');
    await page.locator('dialog.help').waitFor();
    await page.keyboard.press('Escape');
    await page.focus('#make-prompt');
    await page.keyboard.type('what?');
    assert(await page.locator('dialog.help').isHidden());
    await Promise.all([page.waitForEvent('load'), language.click()]);
    await loaded(page);
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-Hans');
    assert.deepEqual(problems, []);
  });
}
