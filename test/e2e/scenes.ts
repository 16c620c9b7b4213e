import { appendFile, watch, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { blobOf } from '../harness/blob.ts'
import { startCut } from '../harness/cut.ts'
import { fileDialogs } from './fileScenes.ts'
import { enter, type Stage, waitForScreen } from './stage.ts'
import { uploads } from './uploadScenes.ts'
import { vault } from './vaultScenes.ts'

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

/** Closes what is on top. */
export async function dismiss(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.locator('dialog[open]').waitFor({ state: 'detached' })
}

async function ask(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+Shift+Enter')
  await page.locator('.home-panel:not([hidden]) .home-ask input').fill(text)
  await page.keyboard.press('Enter')
  await page.locator('.home-panel').waitFor({ state: 'hidden' })
}

/** Pastes as a browser does: by an event with the clipboard's text. */
async function paste(page: Page, text: string): Promise<void> {
  await page.locator('.tab-panel:not([hidden]) .terminal-place textarea').evaluate((textarea, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    textarea.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}

/** Makes a file that the shell waits for, and resolves when the shell has made the other. */
async function answerWith(file: string, other: string): Promise<void> {
  const seen = watch(join(file, '..'))
  await writeFile(file, '')
  for await (const { filename } of seen) if (filename === other) return
}

/** The list of files: what is selected, what can be done, where one goes, two hosts side by side. */
async function* fileList(page: Page, { sshd }: Stage): AsyncGenerator<string> {
  const pane = page.locator('.tab-panel:not([hidden]) .files-pane').first()
  const goTo = async (path: string, row: string) => {
    await command(page, 'Go to path')
    await page.getByRole('combobox', { name: 'Path' }).fill(path)
    await page.keyboard.press('Enter')
    await pane.locator('.file-row', { hasText: row }).first().waitFor()
  }
  await goTo(`${sshd.home}/site`, 'package.json')
  await pane.locator('.file-row', { hasText: 'dump.sql.zst' }).click()
  await pane.locator('.file-row', { hasText: 'package.json' }).click({ modifiers: ['Control'] })
  yield 'files-selected'
  await pane.locator('.file-row', { hasText: 'package.json' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Properties' }).waitFor()
  yield 'files-menu'
  await page.keyboard.press('Escape')
  await pane.getByRole('button', { name: 'Columns' }).click()
  await page.getByRole('menuitemcheckbox', { name: 'Group' }).waitFor()
  yield 'files-columns'
  // A window that became a phone's meanwhile, where there are no columns, has taken the focus away.
  const group = page.getByRole('menuitemcheckbox', { name: 'Group' })
  if (await group.isVisible()) await group.press('Escape')
  await group.waitFor({ state: 'hidden' })
  // A finger that rests: from then on taps select.
  const finger = pane.locator('.file-row', { hasText: 'README.md' })
  await finger.dispatchEvent('pointerdown', { pointerType: 'touch' })
  await pane.locator('.file-body.selecting').waitFor()
  await finger.dispatchEvent('pointerup', { pointerType: 'touch' })
  yield 'files-selecting'
  await pane.getByRole('button', { name: 'Select nothing' }).click()
  await goTo(`${sshd.home}/site/odd`, 'party')
  yield 'files-odd'
  await pane.locator('.file-grid').press('/')
  await page.getByRole('textbox', { name: 'Filter the files' }).fill('e')
  yield 'files-filter'
  await page.getByRole('textbox', { name: 'Filter the files' }).fill('zzz')
  await page.getByText('No name here fits').waitFor()
  yield 'files-filter-none'
  await page.getByRole('textbox', { name: 'Filter the files' }).press('Escape')
  await command(page, 'Go to path')
  await page.getByRole('combobox', { name: 'Path' }).fill(`${sshd.home}/site/`)
  await page.getByRole('option', { name: 'releases' }).waitFor()
  yield 'files-path'
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await command(page, 'Show the files of another tab beside')
  await page.getByRole('button', { name: 'Another folder of this host' }).waitFor()
  yield 'files-beside-choice'
  await page.getByRole('button', { name: 'Another folder of this host' }).click()
  await page.locator('.files-pane.beside .file-row', { hasText: 'party' }).waitFor()
  yield 'files-beside'
  await command(page, 'Put away the files beside')
  await command(page, 'Next tab')
  await command(page, 'Close tab')
  await page.locator('.tab-panel:not([hidden]) .file-row', { hasText: 'party' }).waitFor()
}

/** What a session says, and asks, over the terminal that is shown. */
async function* inTheTerminal(page: Page, { sshd, cut, address }: Stage): AsyncGenerator<string> {
  await type(page, 'echo lis""tening; cat\n')
  await waitForScreen(page, 'listening')
  await paste(page, 'cd /srv/site\nrm -rf releases\nsystemctl restart site\n')
  await page.getByRole('dialog', { name: 'Paste 3 lines?' }).waitFor()
  yield 'paste-question'
  await dismiss(page)
  await page.keyboard.press('Control+C')
  // What is typed before the prompt goes with the interrupt.
  await page.waitForFunction(() => {
    const rows = [...document.querySelectorAll('.tab-panel:not([hidden]) .xterm-rows > div')]
    const lines = rows.map((row) => row.textContent?.trim() ?? '')
    return lines.some((line, at) => line.endsWith('^C') && lines[at + 1]?.startsWith('me@web1'))
  })

  await type(
    page,
    String.raw`clear; printf '\033]8;;https://evil.example/login\033\\https://bank.ex%s\033]8;;\033\\\n' ample`,
  )
  await page.keyboard.press('Enter')
  const link = page.locator('.xterm-rows span', { hasText: 'https://bank.example' }).last()
  await link.waitFor()
  const box = await link.boundingBox()
  if (!box) throw new Error('The link is not drawn')
  const [x, y] = [box.x + 30, box.y + box.height / 2]
  await page.mouse.move(x, y, { steps: 3 })
  await page.mouse.click(x, y)
  await page.getByRole('dialog', { name: 'Open this link?' }).waitFor()
  yield 'link-question'
  await dismiss(page)
  await type(page, 'clear\n')

  const elsewhere = await page.context().newPage()
  await elsewhere.goto(new URL(address).origin)
  await elsewhere.locator('.home').waitFor()
  await command(elsewhere, 'Next tab')
  await elsewhere.locator(':is(.tab, .narrow-title) .dot.ok').waitFor()
  await page.bringToFront()
  await page.getByText('Another window has this session').waitFor()
  yield 'taken-elsewhere'
  await elsewhere.close()
  await page.getByRole('button', { name: 'Take it back' }).click()
  await page.getByText('Another window has this session').waitFor({ state: 'detached' })

  // Other stages may stand at the same time, in the same home.
  const [go, went] = [`go-${sshd.port}`, `went-${sshd.port}`]
  const flood = `until test -e ${go}; do sleep .05; done; seq 30000; touch ${went}`
  await type(page, `cd; echo wait""ing; ${flood}\n`)
  await waitForScreen(page, 'waiting')
  cut.open = false
  cut.cut()
  await page.getByText('The session goes on there').waitFor()
  await answerWith(join(sshd.home, go), went)
  cut.open = true
  await page.getByText('could not be kept').waitFor()
  yield 'gap'
  await page.getByRole('button', { name: 'All right' }).click()
  await type(page, `rm -f ${go} ${went}; cd site; clear\n`)
  await page.waitForFunction(
    () => !document.querySelector('.tab-panel:not([hidden]) .xterm')?.textContent?.includes('30000'),
  )
}

/** What the relay holds, and the way of a session to another device. */
async function* sessions(page: Page): AsyncGenerator<string> {
  await command(page, 'Sessions on the relay')
  const end = page.getByRole('button', { name: /^End / }).last()
  await end.waitFor()
  yield 'sessions'
  await end.click()
  await page.getByRole('button', { name: 'Keep' }).waitFor()
  yield 'session-end'
  await dismiss(page)
  await command(page, 'Continue on another device')
  await page.getByRole('img', { name: 'QR code' }).waitFor()
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue()
  yield 'hand-off'
  await dismiss(page)
  // The same address with another fragment would not be loaded again.
  await page.goto('about:blank')
  await page.goto(link)
  await page.getByRole('button', { name: 'Continue here' }).waitFor()
  yield 'hand-off-arrival'
  await dismiss(page)
  await page.locator('.tab-panel:not([hidden]) .xterm').waitFor()
}

/** A key of the browser, from its making to its removal. */
async function* keys(page: Page): AsyncGenerator<string> {
  await command(page, 'Keys and passwords')
  await page.getByText('None yet').waitFor()
  yield 'identities-none'
  await page.getByRole('button', { name: 'Import a key' }).click()
  await page.getByLabel('Or paste it').fill('-----BEGIN ENCRYPTED PRIVATE KEY-----')
  await page.getByRole('button', { name: 'Import', exact: true }).click()
  await page.getByText('This is not a private key').waitFor()
  yield 'import-key'
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('button', { name: 'New key' }).click()
  await page.getByLabel('Name').fill('Laptop')
  yield 'make-key'
  await page.getByRole('button', { name: 'Make the key' }).click()
  await page.getByRole('button', { name: /^Install on/ }).click()
  await page.getByRole('button', { name: 'Install', exact: true }).waitFor()
  yield 'install-key'
  await dismiss(page)
  await command(page, 'Keys and passwords')
  yield 'identities'
  await page.getByRole('button', { name: /^Laptop/ }).click()
  await page.locator('.fingerprint').waitFor()
  yield 'identity'
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  yield 'identity-remove'
  await page.getByRole('button', { name: 'Remove this key' }).click()
  await page.getByText('None yet').waitFor()
  await dismiss(page)
}

/** A file of known hosts, and what comes of it. */
async function* knownHosts(page: Page, { sshd }: Stage): AsyncGenerator<string> {
  await command(page, 'Import known hosts')
  const web = `[web1.lan]:${sshd.port}`
  const other = blobOf('ssh-ed25519', 'other')
  const lines = [
    `${web} ssh-ed25519 ${sshd.hostKey}`,
    `${web} ssh-ed25519 ${other}`,
    `*.db.lan,!old.db.lan ssh-ed25519 ${other} from the rack`,
    `@cert-authority *.example ssh-ed25519 ${other}`,
    `@revoked [lost.lan]:${sshd.port} ssh-ed25519 ${sshd.hostKey}`,
    'web3 ssh-ed25519',
  ]
  await page.getByRole('textbox', { name: 'Lines of known_hosts' }).fill(lines.join('\n'))
  await page.getByText('1 host known by another key').waitFor()
  yield 'known-hosts-import'
  await page.getByRole('button', { name: 'Take in 3 keys' }).click()
  await page.getByText('Revoked: never to be trusted').waitFor()
  yield 'known-hosts-read'
  await dismiss(page)
  for (const [host, name, said] of [
    ['web2.lan', 'host-key-elsewhere', 'The very same key is known'],
    ['lost.lan', 'host-key-revoked', 'shows a revoked key'],
  ] as const) {
    await ask(page, `ssh -p ${sshd.port} ${sshd.username}@${host}`)
    await page.getByText(said).waitFor()
    yield name
    await dismiss(page)
    await command(page, 'Close tab')
  }
}

/** What a server may ask besides a password. */
async function* questions(page: Page, { asking }: Stage): AsyncGenerator<string> {
  await ask(page, `ssh -p ${asking.port} otp.lan`)
  await page.getByLabel('User name').waitFor()
  yield 'username'
  await page.getByLabel('User name').fill('code')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Trust and connect' }).click()
  await page.getByLabel('One-time code').waitFor()
  yield 'keyboard-interactive'
  await dismiss(page)
  await command(page, 'Close tab')
  await ask(page, `ssh -p ${asking.port} old@otp.lan`)
  // Nobody has been let in yet, so the key is still a new one.
  await page.getByRole('button', { name: 'Trust and connect' }).click()
  await page.locator('input[type=password]').fill('three months old')
  await page.keyboard.press('Enter')
  await page.getByLabel('The same again').fill('another')
  await page.getByRole('button', { name: 'Change password' }).click()
  await page.getByText('The two are not the same').waitFor()
  yield 'password-change'
  await dismiss(page)
  await command(page, 'Close tab')
  await ask(page, `ssh -p ${asking.port} push@otp.lan`)
  await page.getByRole('button', { name: 'Trust and connect' }).click()
  await page.getByText('Approve it there').waitFor()
  yield 'server-notice'
  await page.getByRole('button', { name: 'Dismiss' }).click()
  await command(page, 'Close tab')
}

/** A relay that shuts down, and what is left of its sessions when it is back. */
async function* shutDown(page: Page, { sshd, startRelay }: Stage): AsyncGenerator<string> {
  const going = await startRelay({ limits: { drainTerminalsMs: 600_000 } })
  const cut = await startCut(going.port)
  await page.goto(`http://127.0.0.1:${cut.port}/`)
  for (const name of ['nightly backup', 'web1']) {
    await ask(page, `ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
    if (name === 'nightly backup') await page.getByRole('button', { name: 'Trust and connect' }).click()
    const password = page.locator('input[type=password]')
    // The second may go over the connection of the first.
    await password.or(page.locator(':is(.tab, .narrow-title) .dot.ok')).first().waitFor()
    if (await password.isVisible()) {
      await password.fill(sshd.password)
      await page.keyboard.press('Enter')
    }
    await waitForScreen(page, 'me@web1')
    await command(page, 'Rename tab')
    await page.getByLabel('Name of the tab').fill(name)
    await page.keyboard.press('Enter')
    if (name === 'web1') break
    await command(page, 'Detach')
    await page.locator('.tab-panel').waitFor({ state: 'detached' })
  }
  void going.drain()
  await page.getByText('shuts down in').waitFor()
  yield 'draining'
  cut.open = false
  cut.cut()
  await page.getByText('The session goes on there').waitFor()
  await type(page, 'ls\n')
  await page.getByText(/characters wait for the relay/).waitFor()
  await going.close()
  await startRelay({ port: going.port })
  cut.open = true
  await page.getByText('The relay was restarted').waitFor()
  yield 'lost'
  await command(page, 'Sessions on the relay')
  await page.getByRole('button', { name: 'Read nightly backup' }).waitFor()
  yield 'sessions-ended'
  await page.getByRole('button', { name: 'Dismiss nightly backup' }).click()
  await page.getByRole('heading', { name: 'Ended while you were away' }).waitFor({ state: 'detached' })
  await dismiss(page)
  await cut.close()
}

/** What a page of another origin shows: relays that do not let it in, one that is not safe, one that has grown old. */
async function* otherOrigins(page: Page, stage: Stage): AsyncGenerator<string> {
  const open = await stage.startRelay({ bind: '0.0.0.0' })
  await page.goto(`http://127.0.0.1:${open.port}/`)
  await page.getByRole('button', { name: 'Set up', exact: true }).click()
  await page.getByLabel('Code from the console').waitFor()
  yield 'relay-set-up'
  await dismiss(page)
  yield 'home-relay-set-up'

  await page.goto(`http://relay.lan:${stage.relay.port}/`)
  await page.getByText('This page came over plain http').waitFor()
  yield 'home-plain-http'

  // Another origin to the browser, so it knows nothing yet.
  const address = stage.address.replace('127.0.0.1', 'localhost')
  await enter(page, address)
  const { origin } = new URL(address)
  const friendly = await stage.startRelay({ allowOrigin: [origin] })
  await command(page, 'Add a relay')
  await page.getByLabel('Address').fill(friendly.url)
  await page.getByRole('button', { name: 'Add relay' }).click()
  await page.getByRole('button', { name: 'Done' }).click()
  await friendly.close()
  await stage.startRelay({ port: friendly.port })
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.reload()
  await page.getByText('does not let this page in').first().waitFor()
  yield 'home-relay-refused'

  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await appendFile(join(stage.app, 'sw.js'), '\n')
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update())
  await page.getByText('A new version is ready').waitFor()
  yield 'update'
}

/**
 * Plays through every screen of the app, one after the other, and yields the name of each when it stands still. The page
 * has to be fresh. @param tabs how many are many
 */
export async function* scenes(page: Page, stage: Stage, tabs = 10): AsyncGenerator<string> {
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
  yield* fileDialogs(page)

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
    ['Vault', 'vault-none'],
    ['Set up a vault', 'vault-set-up'],
    ['Import a backup', 'import'],
    ['What is kept in this browser', 'storage'],
    ['What a relay can see', 'relay-sight'],
  ] as const) {
    await command(page, title)
    await page.locator('dialog[open]').waitFor()
    yield name
    await dismiss(page)
  }
  yield* knownHosts(page, stage)

  yield* keys(page)
  yield* vault(page)

  await command(page, 'Go to path')
  await page.getByRole('combobox', { name: 'Path', exact: true }).fill('/nowhere')
  await page.keyboard.press('Enter')
  await page.getByText('There is no such file').waitFor()
  yield 'files-failed'
  await command(page, 'Go to path')
  await page.getByRole('combobox', { name: 'Path', exact: true }).fill(`${sshd.home}/site/assets`)
  await page.keyboard.press('Enter')
  await page.getByText('Nothing here').waitFor()
  yield 'files-empty'
  yield* uploads(page, stage)
  await command(page, 'Go to path')
  await page.getByRole('combobox', { name: 'Path', exact: true }).fill('/usr/bin')
  await page.keyboard.press('Enter')
  await page.locator('.file-row').nth(10).waitFor()
  yield 'files-many'
  yield* fileList(page, stage)
  await command(page, 'Go to the terminal')

  await command(page, 'Find in the terminal')
  await page.getByLabel('Find in the terminal').fill('site')
  yield 'find'
  await page.keyboard.press('Escape')
  yield* inTheTerminal(page, stage)
  yield* sessions(page)

  cut.open = false
  cut.cut()
  await page.getByText('The session goes on there').waitFor()
  await type(page, 'ls\n')
  await page.getByText(/characters wait for the relay/).waitFor()
  yield 'reconnecting'
  // The device has slept meanwhile.
  await page.evaluate(() => {
    const now = Date.now
    Object.assign(Date, { now: () => now() + 60_000, before: now })
  })
  cut.open = true
  await page.getByRole('button', { name: 'Send 3 characters' }).waitFor()
  yield 'held-input'
  await page.getByRole('button', { name: 'Discard' }).click()
  await page.evaluate(() => Object.assign(Date, { now: (Date as unknown as { before: () => number }).before }))
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
  await command(page, 'Close tab')
  await ask(page, 'me@nas.lan:1')
  await page.locator('.tab-panel:not([hidden]) .failure').waitFor()
  yield 'failed-connection'
  await command(page, 'Close tab')
  yield* questions(page, stage)

  await page.keyboard.press('Control+Shift+Enter')
  cut.open = false
  cut.cut()
  await page.getByText('The relay does not answer').first().waitFor()
  yield 'home-offline'
  cut.open = true
  await page.getByRole('button', { name: 'This machine' }).waitFor()

  const names = ['deploy@averyveryverylonghostname.with.many.labels.internal.example.com', 'me@שרת.דוגמה', 'me@主机.例']
  for (let number = names.length; number < tabs; number++) await ask(page, `me@host-${number}.lan`)
  for (const name of names) await ask(page, name)
  await page.locator('.tab-panel:not([hidden]) .failure').waitFor()
  yield 'many-tabs'
  await page.keyboard.press('Control+Shift+Enter')
  yield 'home-many'
  yield* shutDown(page, stage)
  yield* otherOrigins(page, stage)
}
