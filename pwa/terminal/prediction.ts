import type { EchoTime } from './echoTime.ts'
import { type Guess, guess, keysOf, type Line, shows } from './guess.ts'

/** Milliseconds, and round trips, after which a guess that nothing has confirmed is wrong. */
const patience = { ms: 5_000, roundTrips: 4 }
/** Share of the round trip of other keys that one takes at the very least: what comes sooner is no answer to it. */
const SOONEST = 0.5
/** Milliseconds, and round trips, after which a key whose effect is not known has done what it does, with or without output. */
const landed = { ms: 100, roundTrips: 2 }
/** Letters and figures, but none that some program shows in the place of a hidden one. */
const proof = /^(?![xo0])[\p{L}\p{N}]$/iu

/** What is shown over the terminal's own line. */
export interface Shown {
  row: number
  /** Column of the cursor, and of the terminal's own. */
  cursor: { col: number; own: number }
  /** The cells that differ, in order; `text` is a space where a character is to go. */
  cells: { col: number; text: string }[]
  /** The whole line. */
  line: readonly string[]
}

interface Typed {
  key: string
  at: number
  guess: Guess
}

/**
 * What keys will do to the line before the host has said so. Guesses follow each other, each from the one before; the
 * terminal's line confirms them in their order, and one that it contradicts goes with all that follow. They are shown once
 * the host has been seen to echo a letter that was typed since the last key whose effect is not known: where it echoes
 * nothing, as when it asks for a password, nothing is ever shown. Times are milliseconds of any one clock.
 */
export class Prediction {
  readonly #echo: EchoTime
  /** What the terminal showed when the first of `#typed` was guessed; kept after the last was confirmed. */
  #base: Guess | undefined
  #typed: Typed[] = []
  #echoes = false
  /** When the last key was typed whose effect has not been seen and cannot be guessed: until it is, nothing can. */
  #unknown: number | undefined

  constructor(echo: EchoTime) {
    this.#echo = echo
  }

  /** When `expire` is due; undefined while nothing waits. */
  get deadline(): number | undefined {
    const first = this.#typed[0]
    return first && first.at + Math.max(patience.ms, patience.roundTrips * this.#echo.roundTrip)
  }

  /** This was typed while the terminal showed this line, or one where nothing is guessed. */
  type(data: string, line: Line | undefined, now: number): void {
    const keys = keysOf(data)
    if (this.#typed.length === 0 && this.#unknown !== undefined) {
      const lands = this.#unknown + landed.ms + landed.roundTrips * this.#echo.roundTrip
      if (now >= lands) this.#unknown = undefined
    }
    if (!line) this.forget(now)
    else if (!keys || this.#unknown !== undefined) this.skip(now)
    else {
      for (const key of keys) {
        const next = guess(key, this.#typed.at(-1)?.guess ?? this.#from(line))
        if (!next) {
          this.skip(now)
          return
        }
        this.#typed.push({ key, at: now, guess: next })
      }
    }
  }

  /** The terminal has parsed output and shows this line now, or one where nothing is guessed. */
  see(line: Line | undefined, now: number): void {
    if (!line) {
      this.#drop()
      return
    }
    if (this.#base && !shows(line, this.#base)) {
      const confirmed = this.#typed.findIndex((typed) => shows(line, typed.guess))
      if (confirmed >= 0) this.#confirm(this.#typed.splice(0, confirmed + 1), line, now)
      else this.#drop()
    }
    const answers = this.#unknown !== undefined && this.#unknown <= now - SOONEST * this.#echo.roundTrip
    if (!this.#base && answers) this.#unknown = undefined
  }

  /** Takes back guesses that have waited too long, unless they are what the terminal shows. */
  expire(line: Line | undefined, now: number): void {
    const last = this.#typed.at(-1)
    if (this.deadline === undefined || this.deadline > now || !last) return
    if (line && this.#unknown === undefined && shows(line, last.guess)) {
      this.#typed = []
      this.#base = { ...last.guess, cells: line.cells }
      return
    }
    this.#drop()
  }

  /** Something was sent whose effect cannot be guessed. What was guessed before it stays until it is confirmed. */
  skip(now: number): void {
    this.#unknown = now
    if (this.#typed.length === 0) this.#drop()
  }

  /** Keys may have been typed, and may still be on their way, that nothing is known of. */
  forget(now: number): void {
    this.#drop()
    this.#unknown = now
  }

  /** What to show over this line of the terminal; undefined where it is the truth already or no echo was seen. */
  shown(line: Line | undefined): Shown | undefined {
    const last = this.#typed.at(-1)?.guess
    if (!line || !last || !this.#base || !this.#echoes || line.row !== last.row) return undefined
    const end = Math.max(this.#base.end, ...this.#typed.map((typed) => typed.guess.end))
    const cells: Shown['cells'] = []
    for (let col = last.start; col < end; col++) {
      const text = last.cells[col] ?? ' '
      if (text !== line.cells[col] && text !== '') cells.push({ col, text })
    }
    if (cells.length === 0 && last.col === line.col) return undefined
    return { row: line.row, cursor: { col: last.col, own: line.col }, cells, line: last.cells }
  }

  #from(line: Line): Guess {
    // What stands behind the cursor may have changed without a contradiction: a suggestion, a clock.
    if (this.#base && shows(line, this.#base)) return { ...this.#base, cells: line.cells }
    this.#echoes = false
    this.#base = { ...line, start: line.col, end: line.col }
    return this.#base
  }

  #confirm(confirmed: Typed[], line: Line, now: number): void {
    const last = confirmed.at(-1)
    if (!last) return
    const soonest = now - SOONEST * this.#echo.roundTrip
    this.#echoes ||= confirmed.some(({ key, at, guess }) => {
      const stands = guess.col <= last.guess.col && line.cells.slice(0, guess.col).findLast((cell) => cell) === key
      return stands && proof.test(key) && at <= soonest
    })
    this.#echo.measured(now - last.at)
    this.#base = { ...last.guess, cells: line.cells }
    if (this.#typed.length === 0 && this.#unknown !== undefined) this.#drop()
  }

  #drop(): void {
    const last = this.#typed.at(-1)
    // They are on their way, but where they will come out is not known any more.
    if (last) this.#unknown = Math.max(this.#unknown ?? 0, last.at)
    this.#base = undefined
    this.#typed = []
    this.#echoes = false
  }
}
