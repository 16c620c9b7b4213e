import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { FileDrag } from '../harness/drop.ts'
import { command } from './scenes.ts'
import type { Stage } from './stage.ts'

/** Files on their way in: held over what takes them, asked about, under way, and what has become of them. */
export async function* uploads(page: Page, { sshd }: Stage): AsyncGenerator<string> {
  const given = await mkdtemp(join(tmpdir(), 'fairlead-scenes-'))
  const [report, backup] = [join(given, 'report.pdf'), join(given, 'backup.tar')]
  await writeFile(report, 'newer and longer')
  await writeFile(backup, '')
  await truncate(backup, 8_000_000_000)
  const assets = join(sshd.home, 'site/assets')
  await writeFile(join(assets, 'report.pdf'), 'older')
  const list = page.locator('.tab-panel:not([hidden]) .files-pane')
  const terminal = page.locator('.tab-panel:not([hidden]) .terminal-pane')
  const drawer = page.getByRole('region', { name: 'Transfers' })
  const drag = await FileDrag.of(page, [report, backup])

  await command(page, 'Go to the files')
  await drag.over(list, 0.9)
  yield 'drop-list'
  await drag.giveUp()
  await command(page, 'Go to the terminal')
  await drag.over(terminal, 0.75)
  yield 'drop-terminal'
  await drag.giveUp()
  await terminal.locator('textarea').evaluate((area) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['pixels'], 'image.png', { type: 'image/png' }))
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  await page.getByRole('form', { name: 'Upload' }).waitFor()
  yield 'upload-offer'
  await page.getByRole('form', { name: 'Upload' }).getByRole('button', { name: 'Cancel' }).click()

  await command(page, 'Go to the files')
  await (await FileDrag.of(page, [report])).drop(list, 0.9)
  await page.getByRole('dialog', { name: 'A file of this name is there already' }).waitFor()
  yield 'transfer-conflict'
  await page.getByRole('button', { name: 'Keep both' }).click()
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await (await FileDrag.of(page, [backup])).drop(list, 0.9)
  await command(page, 'Show the transfers')
  await drawer.getByRole('button', { name: 'Pause: backup.tar' }).click()
  await drawer.getByText('Paused').waitFor()
  await drawer.locator('.transfer.done').waitFor()
  yield 'transfers'
  await drawer.getByRole('button', { name: 'Cancel: backup.tar' }).click()
  await drawer.getByText('Cancelled').waitFor()
  await drawer.getByRole('button', { name: 'Clear finished' }).click()
  await drawer.getByText('Nothing is on its way').waitFor()
  yield 'transfers-none'
  await drawer.getByRole('button', { name: 'Close' }).click()
  for (const path of [given, join(assets, 'report.pdf'), join(assets, 'report (2).pdf')])
    await rm(path, { recursive: true })
}
