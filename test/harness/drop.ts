import type { CDPSession, Locator, Page } from 'playwright-core'

/** Files of this machine that are dragged over a page, as an operating system does it. */
export class FileDrag {
  readonly #page: Page
  readonly #cdp: CDPSession
  readonly #data: { items: never[]; files: string[]; dragOperationsMask: number }

  private constructor(page: Page, cdp: CDPSession, files: string[]) {
    this.#page = page
    this.#cdp = cdp
    this.#data = { items: [], files, dragOperationsMask: 1 }
  }

  /** Takes hold of files and directories by their absolute paths. */
  static async of(page: Page, files: string[]): Promise<FileDrag> {
    return new FileDrag(page, await page.context().newCDPSession(page), files)
  }

  /** Holds them over an element that takes them; `down` is how far down in it, from 0 to 1. */
  async over(element: Locator, down = 0.5): Promise<void> {
    await this.pass(element, down)
    await this.#page.locator('.drop-place').waitFor()
  }

  /** Holds them over any element. */
  async pass(element: Locator, down = 0.5): Promise<void> {
    const point = await this.#point(element, down)
    await this.#cdp.send('Input.dispatchDragEvent', { type: 'dragEnter', ...point, data: this.#data })
    await this.#cdp.send('Input.dispatchDragEvent', { type: 'dragOver', ...point, data: this.#data })
  }

  /** Lets them go over an element. */
  async drop(element: Locator, down = 0.5): Promise<void> {
    await this.over(element, down)
    const point = await this.#point(element, down)
    await this.#cdp.send('Input.dispatchDragEvent', { type: 'drop', ...point, data: this.#data })
    await this.#page.locator('.drop-place').waitFor({ state: 'detached' })
  }

  /** Takes them out of the window again. */
  async giveUp(): Promise<void> {
    const edge = { x: 1, y: 1 }
    await this.#cdp.send('Input.dispatchDragEvent', { type: 'dragOver', ...edge, data: this.#data })
    await this.#cdp.send('Input.dispatchDragEvent', { type: 'dragCancel', ...edge, data: this.#data })
    await this.#page.locator('.drop-place').waitFor({ state: 'detached' })
  }

  async #point(element: Locator, down: number): Promise<{ x: number; y: number }> {
    const box = await element.boundingBox()
    if (!box) throw new Error('What is dropped on is not in sight')
    return { x: box.x + box.width / 2, y: box.y + box.height * down }
  }
}
