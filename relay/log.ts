type Field = string | number | boolean | undefined
/** What a line says beside its event: no secret, and flat but for lists of what is flat. */
export type Fields = Record<string, Field | readonly Record<string, Field>[]>

/** Writes one line of the log. */
export type Log = (event: string, fields?: Fields) => void

/** Where lines go: `process.stderr`, or a double with the same three members. */
interface Sink {
  readonly writableLength: number
  write(line: string): unknown
  on(event: 'error', listener: () => void): unknown
}

/** Bytes that may wait for a reader who is too slow; lines beyond it are counted and dropped. */
const BACKLOG_MAX = 1024 * 1024
/** UTF-16 units of one text; what is beyond is cut. */
const TEXT_MAX = 4096
/** C0, DEL, C1, bidirectional and line separators, and other format characters: nothing that moves a cursor or turns a line around. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu

/**
 * One JSON object per line, ASCII-safe where it matters: a terminal that shows the log cannot be driven by what a
 * client or a server put into a name. Never throws and never waits: when the reader is slow or gone, lines are dropped
 * and their number is written as `log-dropped` as soon as there is room.
 */
export function createLog(sink: Sink = process.stderr): Log {
  let dropped = 0
  const write = (line: string) => {
    try {
      sink.write(line)
    } catch {
      dropped += 1
    }
  }
  sink.on('error', () => {
    dropped += 1
  })
  return (event, fields = {}) => {
    if (sink.writableLength > BACKLOG_MAX) {
      dropped += 1
      return
    }
    if (dropped > 0) {
      const lines = dropped
      dropped = 0
      write(toLine('log-dropped', { lines }))
    }
    write(toLine(event, fields))
  }
}

/** One line of JSON with the time, safe for every terminal, long texts cut; with its line end. */
export function toLine(event: string, fields: Fields): string {
  const shown = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Array.isArray(value) ? value.map(short) : cut(value)]),
  )
  return `${printable(JSON.stringify({ time: new Date().toISOString(), event, ...shown }))}\n`
}

const cut = (value: unknown) => (typeof value === 'string' ? value.slice(0, TEXT_MAX) : value)
const short = (item: Record<string, Field>) =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, cut(value)]))

/** Replaces what JSON leaves as it is but a terminal would obey. */
function printable(json: string): string {
  return json.replaceAll(unsafe, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
