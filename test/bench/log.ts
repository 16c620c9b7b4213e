import { writeFile } from 'node:fs/promises'

const MiB = 1024 * 1024

/** A file of coloured log lines on the host. */
export interface Log {
  path: string
  /** Bytes that a terminal makes of it: each line ends in CR LF there. */
  ptyBytes: number
}

const colour = (code: number, text: string) => `\u001b[${code}m${text}\u001b[0m`
const levels = [colour(32, 'info '), colour(36, 'debug'), colour(33, 'warn '), colour(1, 'error')]
const messages = [
  'GET /api/orders?page=3 200 12ms',
  `worker ${colour(35, 'αβγ')} is ready, ${colour(34, '→')} queue 17`,
  '日本語のログ行です: 注文を受け付けました',
  'Überraschend große Datei übergangen: façade.txt 🙂',
  `slow query ${colour(31, '212 ms')}: select id, name from orders where state = 'open' order by created_at desc`,
]

/** Writes a log of whole MiB, lines as a service writes them: time, level, where, what; colours, and one character in ten not ASCII. */
export async function writeLog(path: string, mebibytes: number): Promise<Log> {
  let block = ''
  let lines = 0
  for (let bytes = 0; bytes < MiB; lines++) {
    const time = new Date(Date.UTC(2026, 10, 20) + lines * 137).toISOString()
    const line = `${colour(90, time)} ${levels[(lines * 7) % 4]} ${colour(96, `site[${4000 + (lines % 97)}]`)} ${messages[(lines * 3) % 5]}\n`
    block += line
    bytes += Buffer.byteLength(line)
  }
  const bytes = Buffer.from(block)
  await writeFile(
    path,
    Array.from({ length: mebibytes }, () => bytes),
    { mode: 0o644 },
  )
  return { path, ptyBytes: mebibytes * (bytes.length + lines) }
}
