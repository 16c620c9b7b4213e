import type { ClientChannel } from 'ssh2'
import { Refusal } from '../../shared/failure.ts'
import { encodeName } from '../../shared/fileName.ts'
import { ShellWords } from './shellWord.ts'

/** Bytes of the command's output that are looked at. */
const OUTPUT_MAX = 4096
/** Milliseconds that a host may take: a slow disk reads some hundred GiB meanwhile. */
const HASH_MS = 30 * 60_000

/**
 * The SHA-256 of a file, in hex, computed on the host by what it has of `sha256sum`, `shasum` and `openssl`.
 * @param exec runs a command there
 * @param length only so many bytes from the beginning
 * @param signal ends the command
 * @throws Refusal `sftp-unsupported` where no command runs or none of these is there
 */
export async function hashFile(
  exec: (command: string) => Promise<ClientChannel>,
  path: string,
  length: number | undefined,
  signal: AbortSignal,
): Promise<string> {
  // Whatever the login shell is, this means the same to it.
  const channel = await exec('sh')
  const end = () => {
    channel.signal('KILL')
    channel.destroy()
  }
  const timer = setTimeout(end, HASH_MS)
  signal.addEventListener('abort', end)
  try {
    signal.throwIfAborted()
    channel.stderr.resume()
    // Its input stays open: once that has ended, ssh2 sends no signal.
    channel.write(script(path, length))
    const [, hash] = /\b([0-9a-f]{64})\b/.exec(await firstOf(channel)) ?? []
    signal.throwIfAborted()
    if (hash === undefined) throw new Refusal('sftp-unsupported', { phase: 'files' })
    return hash
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    channel.destroy()
  }
}

function script(path: string, length: number | undefined): string {
  const words = new ShellWords()
  const file = words.path(Buffer.from(encodeName(path)))
  const begin = length === undefined ? `cat < ${file}` : `head -c ${length} < ${file}`
  return [
    words.prelude,
    'if command -v sha256sum >/dev/null; then h() { sha256sum; }',
    'elif command -v shasum >/dev/null; then h() { shasum -a 256; }',
    'else h() { openssl dgst -sha256; }; fi',
    // What cannot be read has no hash, and not that of nothing.
    `test -r ${file} && test -f ${file} && ${begin} | h`,
    'exit',
    '',
  ].join('\n')
}

/** What a command writes first, when it has ended. */
function firstOf(channel: ClientChannel): Promise<string> {
  return new Promise((resolve) => {
    let output = ''
    channel.on('data', (bytes: Buffer) => {
      if (output.length < OUTPUT_MAX) output += bytes.toString('latin1', 0, OUTPUT_MAX)
    })
    channel.on('error', () => resolve(output))
    channel.on('close', () => resolve(output))
  })
}
