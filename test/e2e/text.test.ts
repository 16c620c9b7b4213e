import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { command } from './scenes.ts'
import { enter, logIn, type Stage, setStage } from './stage.ts'

const markup = '<img src=x onerror="window.ran=1"><svg onload=window.ran=1>{{7*7}}'

let stage: Stage
let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-text-'))
  await writeFile(join(dir, 'banner'), `${markup}\n`)
  stage = await setStage([`Banner ${join(dir, 'banner')}`])
})

afterEach(async () => {
  await stage.close()
  await rm(dir, { recursive: true, force: true })
})

test('T-XSS-01 what a server says is shown as text, wherever it is shown', async () => {
  const { page } = await stage.open()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|Trusted/.test(message.text())) complaints.push(message.text())
  })
  const name = markup.replaceAll('/', '')
  await mkdir(join(stage.sshd.home, 'site', name), { recursive: true })
  await writeFile(join(stage.sshd.home, 'site', name, '\u202egnp.exe'), '')

  await enter(page, stage.address)
  await logIn(page, stage)
  // A window's title and a directory, by the sequences that set them.
  await page.keyboard.type(`printf '\\033]0;%s\\a' '${markup}'; cd '${name}'\n`)
  await page.getByRole('tab').filter({ hasText: '{{7*7}}' }).waitFor()

  await command(page, 'Go to the files')
  await command(page, 'Show the folder of the shell')
  await page.getByRole('gridcell', { name: 'gnp.exe' }).first().waitFor()
  await page.getByRole('navigation', { name: 'Path' }).getByText(name).waitFor()
  await command(page, 'Go up a folder')
  await page.getByRole('gridcell', { name }).first().waitFor()
  await command(page, 'Go to path')
  await page.getByRole('combobox', { name: 'Path', exact: true }).fill(`/nowhere/${markup}`)
  await page.keyboard.press('Enter')
  await page.getByText('There is no such file').waitFor()

  expect(await page.evaluate(() => ['ran' in window, document.querySelectorAll('img').length])).toEqual([false, 0])
  expect(complaints).toEqual([])
})

test('T-LNK-02 a link into the app fills in what to connect to and what relay to add, and does neither', async () => {
  const { page } = await stage.open()
  await enter(page, stage.address)
  const origin = new URL(stage.address).origin
  await page.goto('about:blank')
  await page.goto(`${origin}/open#target=${encodeURIComponent('web+ssh://me@evil.example')}`)
  await page.getByText('me on evil.example').waitFor()
  await page.goto('about:blank')
  await page.goto(`${origin}/#relay=${encodeURIComponent('https://evil.example')}&token=abc`)
  await page.getByRole('dialog', { name: 'Relays' }).waitFor()
  await expect.poll(() => page.getByLabel('Address').inputValue()).toBe('https://evil.example')
  expect(page.url()).toBe(`${origin}/`)
  expect(await page.locator('.tab:has(.dot)').count()).toBe(0)
  await expect.poll(() => page.locator('.relays > li').count()).toBe(1)
})
