import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { AppPage } from '../harness/app.ts'
import { startChromium } from '../harness/chromium.ts'
import { contents } from '../harness/contents.ts'
import { FileDrag } from '../harness/drop.ts'
import { startTestRelay } from '../harness/relay.ts'
import { startSshd } from '../harness/sshd.ts'

const dist = fileURLToPath(new URL('../../dist/pwa', import.meta.url))

/** Folders, each with a folder in it that is empty, and files of each. */
const tree = { folders: 100, files: 100 }

test('a folder of 10,000 files that is dropped from the desktop arrives whole, its empty folders too', async () => {
  const [relay, sshd] = await Promise.all([startTestRelay({ app: dist }), startSshd()])
  const local = await mkdtemp(join(tmpdir(), 'fairlead-drop-'))
  for (let folder = 0; folder < tree.folders; folder++) {
    const dir = join(local, 'many', `ü ${folder % 10}`, `part-${folder}`)
    await mkdir(join(dir, 'empty'), { recursive: true })
    const text = (number: number) => `${folder} ${number}\n`.repeat(number)
    await Promise.all(
      Array.from({ length: tree.files }, (_, number) => writeFile(join(dir, `file-${number}.txt`), text(number))),
    )
  }
  const remote = join(sshd.home, 'dropped')
  await rm(remote, { recursive: true, force: true })
  const browser = await startChromium()
  const app = new AppPage(await browser.open(relay.url))
  await app.input.waitFor()
  await app.openShell(sshd)
  await app.sh(`mkdir -p ${remote}/inner`)
  await app.openFiles(remote)
  const pane = app.page.locator('.files-pane').first()
  await pane.locator('[role=row]', { hasText: 'inner' }).waitFor()
  const drag = await FileDrag.of(app.page, [join(local, 'many')])
  await drag.drop(pane)
  await app.runCommand('Show the transfers')
  const drawer = app.page.getByRole('region', { name: 'Transfers' })
  await drawer.locator('.transfer.done').waitFor({ timeout: 10 * 60_000 })
  expect(await contents(join(remote, 'many'))).toEqual(await contents(join(local, 'many')))
  expect(browser.errors).toEqual([])
  await browser.close()
  await relay.close()
  await sshd.close()
  for (const dir of [local, remote]) await rm(dir, { recursive: true, force: true })
})
