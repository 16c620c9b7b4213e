import type { Page } from 'playwright-core'
import { enter, type Stage, waitForScreen } from './stage.ts'

/** Runs a command as a person who knows its name. */
export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press('Control+Shift+P')
  await page.getByRole('combobox').fill(title)
  await page.getByRole('option', { name: title }).first().waitFor()
  await page.keyboard.press('Enter')
  await page.locator('.palette').waitFor({ state: 'detached' })
}

async function type(page: Page, text: string): Promise<void> {
  await page.locator('.tab-panel:not([hidden]) .terminal-place textarea').focus()
  await page.keyboard.type(text)
}

async function dismiss(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
}

async function ask(page: Page, text: string): Promise<void> {
  await command(page, 'New tab')
  const input = page.getByLabel('Host, ssh command or link')
  await input.fill(text)
  await input.press('Enter')
}

/**
 * Plays through every screen of the app, one after the other, and yields the name of each when it stands still. The page
 * has to be fresh.
 */
export async function* scenes(page: Page, stage: Stage): AsyncGenerator<string> {
  const { sshd, cut } = stage
  await page.goto(new URL(stage.address).origin)
  await page.getByText('This relay wants its password').waitFor()
  yield 'home-relay-password'
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByLabel('Password of the relay').fill('not it')
  await page.getByRole('dialog').getByRole('button', { name: 'Log in' }).click()
  await page.getByText('The password is wrong').waitFor()
  yield 'relay-password-wrong'
  await dismiss(page)

  // The same address with another fragment would not be loaded again.
  await page.goto('about:blank')
  await enter(page, stage.address)
  yield 'home-first'
  const input = page.getByLabel('Host, ssh command or link')
  await input.fill('ssh -J bastion me@web1')
  yield 'home-typed'
  await input.fill('me@web1:99999')
  yield 'home-wrong'

  await input.fill(`ssh -p ${sshd.port} ${sshd.username}@web1.lan`)
  await input.press('Enter')
  await page.getByRole('button', { name: 'Trust and connect' }).waitFor()
  yield 'host-key-first'
  await page.getByRole('button', { name: 'Trust and connect' }).click()
  await page.getByText('The relay passes it').waitFor()
  yield 'login-password'
  await page.getByRole('radio', { name: 'Key file' }).check()
  yield 'login-key'
  await page.getByRole('radio', { name: 'Password' }).check()
  await page.locator('input[type=password]').fill('not it')
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('The server refused that').waitFor()
  yield 'login-refused'
  await page.locator('input[type=password]').fill(sshd.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await waitForScreen(page, 'me@web1')

  await command(page, 'Save host')
  await command(page, 'Edit host')
  await page.getByLabel('Name').fill('web1')
  yield 'edit-host'
  await page.getByRole('button', { name: 'Save' }).click()
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
  await command(page, 'Close tab')
  await page.getByRole('button', { name: /^web1/ }).click()
  await page.locator('input[type=password]').fill(sshd.password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.locator('.dot.ok').first().waitFor()
  await waitForScreen(page, 'me@web1')
  for (const line of ['git log --oneline -4', 'systemctl status site --no-pager', 'tail -f log/app.log']) {
    await type(page, `${line}\n`)
  }
  await waitForScreen(page, 'slow query')
  yield 'terminal'
  await command(page, 'Go to the files')
  await page.getByText('site', { exact: true }).last().waitFor()
  await page.getByText('site', { exact: true }).last().dblclick()
  await page.getByText('package.json').click()
  yield 'work'

  await page.keyboard.press('Control+Shift+P')
  await page.getByRole('combobox').waitFor()
  yield 'palette'
  await page.getByRole('combobox').fill('fil')
  yield 'palette-typed'
  await page.getByRole('combobox').fill('qqqq')
  yield 'palette-none'
  await dismiss(page)
  for (const [title, name] of [
    ['Settings', 'settings'],
    ['Keys', 'keys'],
    ['Manage relays', 'relays'],
    ['Known hosts', 'known-hosts'],
    ['Add a relay', 'add-relay'],
  ] as const) {
    await command(page, title)
    await page.locator('dialog[open]').waitFor()
    yield name
    await dismiss(page)
  }

  await command(page, 'Go to path')
  await page.getByLabel('Path').last().fill('/nowhere')
  await page.keyboard.press('Enter')
  await page.getByText('There is no such file').waitFor()
  yield 'files-failed'
  await command(page, 'Go to path')
  await page.getByLabel('Path').last().fill(`${sshd.home}/site/assets`)
  await page.keyboard.press('Enter')
  await page.getByText('Nothing here').waitFor()
  yield 'files-empty'
  await command(page, 'Go to path')
  await page.getByLabel('Path').last().fill('/usr/bin')
  await page.keyboard.press('Enter')
  await page.locator('.file-row').nth(10).waitFor()
  yield 'files-many'
  await command(page, 'Go to the terminal')

  await command(page, 'Find in the terminal')
  await page.getByLabel('Find in the terminal').fill('site')
  yield 'find'
  await page.keyboard.press('Escape')

  cut.open = false
  cut.cut()
  await page.getByText('The session goes on there').waitFor()
  await type(page, 'ls\n')
  await page.getByText('3 keys waiting').waitFor()
  yield 'reconnecting'
  cut.open = true
  await page.getByText('The session goes on there').waitFor({ state: 'detached' })
  await type(page, 'exit\n')
  await page.getByRole('button', { name: /Open a new shell/ }).waitFor()
  yield 'ended'

  await sshd.changeHostKey()
  await page.getByRole('button', { name: /Open a new shell/ }).click()
  await page.getByText('has a different key').waitFor()
  yield 'host-key-changed'
  await page.getByRole('button', { name: 'Forget the old key' }).click()
  yield 'host-key-forget'
  await page.getByRole('button', { name: 'Disconnect' }).click()
  await page.getByText('What went wrong').or(page.locator('.failure')).first().waitFor()
  yield 'failed-host-key'
  await ask(page, 'me@nas.lan:1')
  await page.locator('.tab-panel:not([hidden]) .failure').waitFor()
  yield 'failed-connection'
  await command(page, 'Close tab')

  const names = [
    'deploy@averyveryverylonghostname.with.many.labels.internal.example.com',
    'שרת@מארח.דוגמה',
    '文件@主机.例',
  ]
  for (let number = 0; number < 24; number++) {
    await ask(page, `${names[number] ?? `me@host-${number}.lan`}`.replace(/^[^\x20-\x7e]+@/, 'me@'))
  }
  await page.locator('.tab-panel:not([hidden]) .failure').waitFor()
  yield 'many-tabs'
  await command(page, 'New tab')
  yield 'home-many'
  cut.open = false
  cut.cut()
  await page.getByText('The relay does not answer').first().waitFor()
  yield 'home-offline'
  cut.open = true
}
