import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { ISearchOptions, SearchAddon } from '@xterm/addon-search'
import type { Terminal as Xterm } from '@xterm/xterm'
import { matches } from './themes.ts'

/** Finds text in a terminal; its code is loaded with the first search. */
export class Finder {
  readonly #xterm: Xterm
  readonly #theme: ReadonlySignal<'dark' | 'light'>
  readonly #results = signal<{ index: number; count: number } | undefined>(undefined)
  #addon: Promise<SearchAddon> | undefined
  /** What is shown as found. */
  #shown: { text: string; options: ISearchOptions } | undefined
  readonly #stop: () => void

  constructor(xterm: Xterm, theme: ReadonlySignal<'dark' | 'light'>) {
    this.#xterm = xterm
    this.#theme = theme
    // What is found is coloured when it is found.
    this.#stop = effect(() => {
      void theme.value
      untracked(() => void this.#showAgain())
    })
  }

  get results(): ReadonlySignal<{ index: number; count: number } | undefined> {
    return this.#results
  }

  async find(
    text: string,
    { backwards = false, ...options }: { backwards?: boolean; caseSensitive?: boolean; regex?: boolean } = {},
  ): Promise<boolean> {
    if (text === '') {
      this.end()
      return false
    }
    if (options.regex && !isPattern(text)) return false
    this.#addon ??= this.#load()
    const addon = await this.#addon
    this.#shown = { text, options }
    const search: ISearchOptions = { ...options, decorations: this.#decorations, incremental: !backwards }
    return backwards ? addon.findPrevious(text, search) : addon.findNext(text, { ...search, incremental: false })
  }

  end(): void {
    this.#results.value = undefined
    this.#shown = undefined
    void this.#addon?.then((addon) => addon.clearDecorations())
  }

  dispose(): void {
    this.#stop()
  }

  get #decorations() {
    const { all, active } = matches[this.#theme.peek()]
    return {
      matchBackground: all,
      matchOverviewRuler: all,
      activeMatchBackground: active,
      activeMatchColorOverviewRuler: active,
    }
  }

  async #showAgain(): Promise<void> {
    const addon = await this.#addon
    if (!addon || !this.#shown) return
    const { text, options } = this.#shown
    addon.clearDecorations()
    addon.findNext(text, { ...options, decorations: this.#decorations, incremental: true })
  }

  async #load(): Promise<SearchAddon> {
    const { SearchAddon } = await import('@xterm/addon-search')
    const addon = new SearchAddon()
    this.#xterm.loadAddon(addon)
    addon.onDidChangeResults(({ resultIndex, resultCount }) => {
      this.#results.value = { index: resultIndex, count: resultCount }
    })
    return addon
  }
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text))
  } catch {
    return false
  }
}
