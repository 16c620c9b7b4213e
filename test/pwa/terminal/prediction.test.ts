import headless from '@xterm/headless'
import { describe, expect, it } from 'vitest'
import { cursorLine } from '../../../pwa/terminal/cursorLine.ts'
import { EchoTime } from '../../../pwa/terminal/echoTime.ts'
import { Prediction } from '../../../pwa/terminal/prediction.ts'

const LEFT = '\u001b[D'
const RIGHT = '\u001b[C'
const ERASE = '\u007f'
const WAY = 75

/** What the host answers to a key. */
type Host = (key: string) => string

/** A terminal, a host at the other end of a line of 150 ms, and the clock, which goes on only when told. */
class Table {
  readonly terminal: headless.Terminal
  readonly prediction: Prediction
  readonly #echo = new EchoTime(() => 2 * WAY)
  #host: Host
  #output: { at: number; text: string }[] = []
  now = 1_000

  constructor(host: Host, cols = 60) {
    this.#host = host
    this.terminal = new headless.Terminal({ allowProposedApi: true, cols, rows: 5 })
    this.prediction = new Prediction(this.#echo)
  }

  /** Undefined where the app would not guess. */
  get line() {
    const { active } = this.terminal.buffer
    return active.type === 'normal' ? cursorLine(active) : undefined
  }

  /** The line as a person sees it, `|` for the cursor; undefined while nothing is shown over it. */
  get shown(): string | undefined {
    const shown = this.prediction.shown(this.line)
    if (!shown || !this.line) return undefined
    const cells = [...this.line.cells]
    for (const { col, text } of shown.cells) {
      cells[col] = text
      if (shown.line[col + 1] === '') cells[col + 1] = ''
    }
    return text(cells, shown.cursor.col)
  }

  get truth(): string {
    return text(this.line?.cells ?? [], this.line?.col ?? 0)
  }

  /** The host says something by itself; it arrives after its way. */
  say(text: string): void {
    this.#output.push({ at: this.now + WAY, text })
  }

  hostIs(host: Host): void {
    this.#host = host
  }

  /** Keys, with time between them. */
  type(keys: readonly string[], pause = 0): void {
    for (const key of keys) {
      this.prediction.type(key, this.line, this.now)
      this.#output.push({ at: this.now + 2 * WAY, text: this.#host(key) })
      this.now += pause
    }
  }

  /** Time goes by; what arrives meanwhile is parsed, all of one moment at once. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (;;) {
      const due = this.#output.toSorted((a, b) => a.at - b.at)[0]?.at
      if (due === undefined || due > end) break
      const text = this.#output.filter(({ at }) => at === due).map((piece) => piece.text)
      this.#output = this.#output.filter(({ at }) => at !== due)
      this.now = Math.max(due, this.now)
      await this.parse(text.join(''))
    }
    this.now = end
    this.prediction.expire(this.line, this.now)
  }

  async parse(text: string): Promise<void> {
    if (text === '') return
    await new Promise<void>((done) => this.terminal.write(text, done))
    this.prediction.see(this.line, this.now)
  }
}

function text(cells: readonly string[], col: number): string {
  const shown = [...cells.slice(0, col), '|', ...cells.slice(col)].join('')
  return shown.replace(/ *$/, '')
}

/** A shell that edits its line as readline does, and answers Enter by a prompt. */
class Shell {
  #before: string[] = []
  #after: string[] = []

  /** Its line, `|` for the cursor. */
  get line(): string {
    return `$ ${this.#before.join('')}|${this.#after.join('')}`.trimEnd()
  }

  readonly host: Host = (key) => {
    switch (key) {
      case '\r':
        this.#before = []
        this.#after = []
        return '\r\n$ '
      case ERASE:
        return this.#before.pop() === undefined ? '\u0007' : `\b${this.#rest('\u001b[K')}`
      case LEFT: {
        const moved = this.#before.pop()
        if (moved === undefined) return '\u0007'
        this.#after.unshift(moved)
        return '\b'
      }
      case RIGHT: {
        const moved = this.#after.shift()
        if (moved === undefined) return '\u0007'
        this.#before.push(moved)
        return moved
      }
      default:
        this.#before.push(key)
        return key + this.#rest('')
    }
  }

  #rest(erase: string): string {
    return `${this.#after.join('')}${erase}${'\b'.repeat(this.#after.length)}`
  }
}

/** A table with a prompt on it, and, as `ready`, with an echo that was seen. */
async function prompted(host = new Shell().host, cols?: number): Promise<Table> {
  const table = new Table(host, cols)
  await table.parse('$ ')
  return table
}
async function ready(cols?: number): Promise<Table> {
  const table = await prompted(undefined, cols)
  table.type(['l'])
  await table.pass(2 * WAY)
  expect(table.truth).toBe('$ l|')
  return table
}

describe('what is typed on a slow line', () => {
  it('shows once the first letter of the line was echoed, with all that was typed meanwhile', async () => {
    const table = await prompted()
    table.type([...'ls'], 50)
    expect(table.shown).toBeUndefined()
    await table.pass(2 * WAY - 100)
    expect(table.truth).toBe('$ l|')
    expect(table.shown).toBe('$ ls|')
    table.type([...' -la'])
    expect(table.shown).toBe('$ ls -la|')
    await table.pass(2 * WAY)
    expect(table.truth).toBe('$ ls -la|')
    expect(table.shown).toBeUndefined()
  })

  it('shows erasing and moving', async () => {
    const table = await ready()
    table.type([...'sx', ERASE])
    expect(table.shown).toBe('$ ls|')
    table.type([ERASE, ERASE])
    expect(table.shown).toBe('$ |')
    table.type([...'who'])
    expect(table.shown).toBe('$ who|')
    table.type([LEFT, LEFT, RIGHT])
    expect(table.shown).toBe('$ wh|o')
    await table.pass(2 * WAY)
    expect(table.truth).toBe('$ wh|o')
    expect(table.shown).toBeUndefined()
    table.type([RIGHT, ERASE])
    expect(table.shown).toBe('$ wh|')
  })

  it('a key that is not guessed leaves what was guessed before it, and nothing is guessed until it is answered', async () => {
    const table = await ready()
    table.type([...'s', '\t', ...'xyz'])
    expect(table.shown).toBe('$ ls|')
    await table.pass(2 * WAY)
    expect(table.shown).toBeUndefined()
    table.type(['a'])
    expect(table.shown).toBeUndefined()
    await table.pass(2 * WAY)
    table.type(['b'])
    expect(table.shown).toMatch(/xyzab\|$/)
  })

  it('is not guessed in the middle of a line: what comes after it is the shell’s to move', async () => {
    const table = await ready()
    table.type([...'s', LEFT, 'x', 'y'])
    expect(table.shown).toBe('$ l|s')
    await table.pass(2 * WAY)
    expect(table.truth).toBe('$ lxy|s')
  })

  it('stops before the last column, and goes on in the next row', async () => {
    const table = await ready(20)
    table.type([...'s'.repeat(30)])
    expect(table.shown).toBe(`$ l${'s'.repeat(16)}|`)
    await table.pass(2 * WAY)
    expect(table.terminal.buffer.active.cursorY).toBe(1)
    table.type(['a'])
    await table.pass(2 * WAY)
    table.type(['b'])
    expect(table.shown).toBe(`${'s'.repeat(13)}ab|`)
  })

  it('wide characters are shown; marks and emoji are not guessed', async () => {
    const table = await ready()
    table.type(['日', '本'])
    expect(table.shown).toBe('$ l日本|')
    table.type(['🙂', 'x'])
    expect(table.shown).toBe('$ l日本|')
    await table.pass(2 * WAY)
    table.type(['e', '\u0301'])
    await table.pass(2 * WAY)
    expect(table.shown).toBeUndefined()
  })

  it('what stands behind the cursor is left to the shell: a clock at the right, a suggestion', async () => {
    const table = await ready()
    await table.parse('\u001b[50G12:00\u001b[4G')
    table.type(['s'])
    expect(table.shown).toMatch(/^\$ ls\| +12:00$/)
    await table.pass(2 * WAY)
    await table.parse('\u001b[2mh -la\u001b[0m\u001b[5G')
    table.type(['x'])
    expect(table.shown).toBeUndefined()
  })
})

describe('a wrong guess', () => {
  it('vanishes when the host shows something else', async () => {
    const table = await ready()
    table.hostIs((key) => key.toUpperCase())
    table.type([...'shell'], 10)
    expect(table.shown).toBe('$ lshell|')
    await table.pass(2 * WAY - 50)
    expect(table.truth).toBe('$ lS|')
    expect(table.shown).toBeUndefined()
    await table.pass(2 * WAY)
    table.type(['q'])
    expect(table.shown).toBeUndefined()
  })

  it('vanishes when a program writes of its own accord', async () => {
    const table = await ready()
    table.say('\r\nMessage from root\r\n')
    table.type([...'shell'])
    expect(table.shown).toBe('$ lshell|')
    await table.pass(WAY)
    expect(table.shown).toBeUndefined()
  })

  it('vanishes when nothing comes for five seconds', async () => {
    const table = await ready()
    table.hostIs(() => '')
    table.type(['s'])
    await table.pass(4_900)
    expect(table.shown).toBe('$ ls|')
    await table.pass(200)
    expect(table.shown).toBeUndefined()
    expect(table.prediction.deadline).toBeUndefined()
  })

  it('is none when the line came back to what it was, and the echo is still believed', async () => {
    const table = await ready()
    table.type(['s', ERASE])
    await table.pass(6_000)
    table.type(['s'])
    expect(table.shown).toBe('$ ls|')
  })

  it('vanishes at the alternate screen, a new size and a cut', async () => {
    for (const end of [
      (table: Table) => table.parse('\u001b[?1049h'),
      async (table: Table) => {
        table.terminal.resize(40, 5)
        table.prediction.forget(table.now)
      },
      async (table: Table) => table.prediction.forget(table.now),
    ]) {
      const table = await ready()
      table.type(['s'])
      expect(table.shown).toBe('$ ls|')
      await end(table)
      expect(table.shown).toBeUndefined()
      await table.parse('\u001b[?1049l')
      table.type(['x'])
      expect(table.shown).toBeUndefined()
    }
  })
})

describe('where the host echoes nothing', () => {
  it('nothing is shown, though the line before was echoed', async () => {
    const table = await ready()
    table.type([...'s'])
    await table.pass(2 * WAY)
    table.hostIs((key) => (key === '\r' ? '\r\nPassword: ' : ''))
    table.type(['\r'])
    await table.pass(2 * WAY)
    expect(table.truth).toBe('Password: |')
    for (const key of ['h', 'u', ERASE, 'n', LEFT, 't', 'e', 'r', '2', '\r']) {
      table.type([key])
      expect(table.shown).toBeUndefined()
      await table.pass(40)
      expect(table.shown).toBeUndefined()
    }
    await table.pass(10_000)
    expect(table.shown).toBeUndefined()
  })

  it.each(['*', 'x', 'X', 'o', '0', '•', '#', '-', ' '])(
    'a host that shows %j for each key gives nothing away',
    async (mask) => {
      const table = await prompted(() => mask)
      await table.parse('\r\nPassword: ')
      for (const key of `${mask}${mask}a${mask}bx0o*`) {
        table.type([key])
        expect(table.shown).toBeUndefined()
        await table.pass(170)
        expect(table.shown).toBeUndefined()
      }
    },
  )

  it('output that comes too soon to be an echo is none', async () => {
    const table = await prompted(() => '')
    table.type(['a'])
    await table.pass(10)
    await table.parse('a')
    table.type(['b'])
    expect(table.shown).toBeUndefined()
  })

  it('what is typed before the prompt came proves nothing', async () => {
    const table = await ready()
    table.hostIs((key) => (key === '\r' ? '\r\n' : key))
    table.type(['\r', 's'], 20)
    table.hostIs(() => '')
    await table.pass(2 * WAY - 20)
    table.say('Password: ')
    for (const key of 'ecret') {
      table.type([key])
      expect(table.shown).toBeUndefined()
      await table.pass(50)
      expect(table.shown).toBeUndefined()
    }
  })
})

/** Numbers from a seed, each below its bound. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const seeds = Array.from({ length: 16 }, (_, seed) => seed)
const keyboard = [...'abcdefghij  *x日é', ERASE, ERASE, LEFT, RIGHT, '\r', '\t', '\u0003', '\u001b[A', '🙂']

describe('whatever is typed', () => {
  it('nothing is ever shown where nothing is echoed, whatever else the host writes', async () => {
    const writings = ['Password: ', '\r\nSorry, try again.\r\n', '\u0007', '[sudo] ', '\u001b[2J\u001b[H', '\r\n']
    for (const seed of seeds) {
      const below = numbers(seed)
      const table = await prompted(() => '')
      for (let step = 0; step < 120; step++) {
        if (below(8) === 0) table.say(writings[below(writings.length)] ?? '')
        table.type([keyboard[below(keyboard.length)] ?? ''])
        expect(table.shown).toBeUndefined()
        await table.pass(below(5) * 60)
        expect(table.shown).toBeUndefined()
      }
    }
  })

  it('what is shown is what a shell will show after one of the keys that it has not answered yet', async () => {
    const keys = keyboard.filter((key) => !['\t', '\u0003', '\u001b[A', '🙂', '日'].includes(key))
    let last = 0
    for (const seed of seeds) {
      const below = numbers(seed)
      const shell = new Shell()
      const table = await prompted(shell.host, 160)
      let unanswered: { at: number; line: string }[] = []
      for (let step = 0; step < 150; step++) {
        table.type([keys[below(keys.length)] ?? ''])
        unanswered.push({ at: table.now + 2 * WAY, line: shell.line })
        const { shown } = table
        if (shown !== undefined) expect(unanswered.map(({ line }) => line)).toContain(shown)
        if (shown === shell.line) last++
        await table.pass(below(6) * 30)
        unanswered = unanswered.filter(({ at }) => at > table.now)
        if (table.shown !== undefined) expect(unanswered.map(({ line }) => line)).toContain(table.shown)
      }
    }
    // A seventh of all keys at least is seen before its echo, though every third is one that cannot be guessed.
    expect(last).toBeGreaterThan((seeds.length * 150) / 7)
  })
})
