import type { Page } from 'playwright-core'
import type { Sshd } from './sshd.ts'

const shown = '.tab-panel:not([hidden])'

/** The app in a page of Chromium, as a person uses it. */
export class AppPage {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** The input of the home tab. */
  get input() {
    return this.page.getByLabel('Host, ssh command or link')
  }

  /** Types a destination into the home tab, a new one if need be, and goes there. */
  async goTo(destination: string): Promise<void> {
    if (!(await this.input.isVisible())) await this.page.keyboard.press('Control+Shift+Enter')
    await this.input.fill(destination)
    await this.input.press('Enter')
  }

  /** Accepts the key of a host that is met for the first time. */
  async trust(): Promise<void> {
    await this.page.getByRole('button', { name: 'Trust and connect' }).click()
  }

  /** Answers the question for a password of the host. */
  async logIn(password: string): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: /^Log in to / })
    await dialog.getByLabel('Password', { exact: true }).last().fill(password)
    await dialog.getByRole('button', { name: 'Log in' }).click()
  }

  /** Answers the question with a key file. */
  async logInWithKey(privateKey: string, passphrase = ''): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: /^Log in to / })
    await dialog.getByRole('radio', { name: 'Key file' }).check()
    await dialog
      .locator('input[type=file]')
      .setInputFiles({ name: 'id_ed25519', mimeType: '', buffer: Buffer.from(privateKey) })
    if (passphrase) await dialog.getByLabel('Passphrase').fill(passphrase)
    // Kept, the host's next login would not ask.
    await dialog.getByRole('checkbox', { name: 'Keep it in this browser for this host' }).uncheck()
    await dialog.getByRole('button', { name: 'Log in' }).click()
  }

  /** Opens a shell on sshd by password and waits for its prompt. */
  async openShell(sshd: Sshd, first = true): Promise<void> {
    await this.goTo(`ssh -p ${sshd.port} ${sshd.username}@127.0.0.1`)
    if (first) await this.trust()
    await this.logIn(sshd.password)
    await this.waitFor('$')
  }

  /** Adds a relay by its address and password. */
  async addRelay(url: string, password: string): Promise<void> {
    await this.runCommand('Add a relay')
    const dialog = this.page.getByRole('dialog', { name: 'Relays' })
    await dialog.getByLabel('Address').fill(url)
    await dialog.getByLabel('Password of the relay').fill(password)
    await dialog.getByRole('button', { name: 'Add relay' }).click()
    await dialog.getByRole('button', { name: 'Done' }).click()
  }

  /** Runs a command by its name, through the palette. */
  async runCommand(title: string): Promise<void> {
    await this.page.getByRole('tablist').first().waitFor()
    // While a dialog is open, one that is being saved as well, its key does nothing.
    await this.page.waitForFunction(() => !document.querySelector('dialog[open]'))
    await this.page.keyboard.press('Control+Shift+P')
    await this.page.getByRole('combobox').fill(title)
    await this.page.getByRole('option', { name: title }).first().click()
  }

  /** Shows the files beside the terminal, at this directory. */
  async openFiles(path: string): Promise<void> {
    await this.runCommand('Go to the files')
    // The palette has the keys until it has gone.
    await this.page.locator('.palette').waitFor({ state: 'detached' })
    await this.page.locator(`${shown} .files-pane`).waitFor()
    await this.page.keyboard.press('Control+Shift+G')
    await this.page.getByRole('combobox', { name: 'Path', exact: true }).fill(path)
    await this.page.keyboard.press('Enter')
  }

  /** Types into the terminal of the active tab, key by key. */
  async type(text: string): Promise<void> {
    await this.#focus()
    await this.page.keyboard.type(text)
  }

  #focus(): Promise<void> {
    return this.page.locator(`${shown} .terminal-place textarea`).focus()
  }

  /** Lines of the active terminal, as they are drawn. */
  lines(): Promise<string[]> {
    return this.page
      .locator(`${shown} .xterm-rows > div`)
      .evaluateAll((rows) => rows.map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' ').trimEnd()))
  }

  /** Waits until a line of the active terminal holds a text or fits a pattern; gives that line. */
  async waitFor(wanted: string | RegExp): Promise<string> {
    const [source, flags] =
      typeof wanted === 'string' ? [wanted.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'), ''] : [wanted.source, wanted.flags]
    const found = await this.page.waitForFunction(
      ({ source, flags, shown }) => {
        const rows = [...document.querySelectorAll(`${shown} .xterm-rows > div`)]
        return rows
          .map((row) => (row.textContent ?? '').replaceAll('\u00a0', ' '))
          .find((line) => new RegExp(source, flags).test(line))
      },
      { source, flags, shown },
    )
    return (await found.jsonValue()) ?? ''
  }

  /** Runs a line in the shell; waits for `done-N` that the shell computes, so that the echo cannot be taken for it. */
  async sh(line: string): Promise<void> {
    this.#count += 1
    await this.#focus()
    // At once, as a touch keyboard gives words: key by key a long line takes seconds.
    await this.page.keyboard.insertText(`${line}; echo done-$((${this.#count * 10}+1))`)
    await this.page.keyboard.press('Enter')
    await this.waitFor(new RegExp(`^done-${this.#count * 10 + 1}\\b`))
  }

  #count = 0
}
