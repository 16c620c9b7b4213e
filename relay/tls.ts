import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Server } from 'node:https'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import writeFileAtomic from 'write-file-atomic'
import { type Config, UsageError } from './config.ts'
import type { Log } from './log.ts'

/** What a TLS server shows. */
interface Pair {
  cert: Buffer
  key: Buffer
}

/** A certificate that is read again when it changes. */
export interface Certificate extends Pair {
  /** SHA-256 of the certificate as browsers show it, where the relay has made it itself. */
  madeFingerprint?: string
  /** Reads the files again; connections that are open stay. What cannot be used is logged, and the former goes on. */
  reload(): Promise<void>
  /** New connections of this server get what changes from now on; looks every `limits.tlsCheckMs`. */
  follow(server: Server): void
  close(): void
}

/** Days that a made certificate is good for (browsers take no more than 398), and left when it is made anew. */
const days = { valid: 397, renew: 30 }
const DAY = 24 * 60 * 60 * 1000

/**
 * The certificate that a relay is configured with; undefined without one.
 * @throws UsageError where it cannot be read, or key and certificate are no pair
 */
export async function openCertificate(config: Config, log: Log): Promise<Certificate | undefined> {
  const { tlsCert, tlsKey, tlsSelfSigned, state } = config
  if (tlsSelfSigned) {
    const files = { cert: join(state, 'tls-cert.pem'), key: join(state, 'tls-key.pem') }
    const make = () => madePair(files, namesOf(config))
    const made = await make()
    return certificate(made, make, config, log, new X509Certificate(made.cert).fingerprint256)
  }
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  const read = () => readPair({ cert: tlsCert, key: tlsKey })
  try {
    return certificate(await read(), read, config, log)
  } catch (error) {
    throw new UsageError(`--tls-cert and --tls-key cannot be used: ${(error as Error).message}`)
  }
}

function certificate(
  first: Pair,
  read: () => Promise<Pair>,
  { limits }: Config,
  log: Log,
  madeFingerprint?: string,
): Certificate {
  let current = first
  let timer: NodeJS.Timeout | undefined
  const servers = new Set<Server>()
  let looking: Promise<void> | undefined
  const look = async () => {
    try {
      const next = await read()
      if (next.cert.equals(current.cert) && next.key.equals(current.key)) return
      current = next
      for (const server of servers) server.setSecureContext(next)
      log('tls-reloaded', { fingerprint: new X509Certificate(next.cert).fingerprint256 })
    } catch (error) {
      log('tls-not-reloaded', { error: (error as Error).message })
    }
  }
  const reload = () => {
    looking ??= look().finally(() => {
      looking = undefined
    })
    return looking
  }
  return {
    ...first,
    ...(madeFingerprint !== undefined && { madeFingerprint }),
    reload,
    follow(server) {
      servers.add(server)
      timer ??= setInterval(reload, limits.tlsCheckMs)
      timer.unref()
    },
    close() {
      clearInterval(timer)
    },
  }
}

/** @throws Error where a file cannot be read, or the two are no pair */
async function readPair(files: { cert: string; key: string }): Promise<Pair> {
  const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)])
  createSecureContext({ cert, key })
  return { cert, key }
}

/** The pair of a former start, while it is good for the names and for a while; else a new one. */
async function madePair(files: { cert: string; key: string }, names: string[]): Promise<Pair> {
  const kept = await readPair(files).catch(() => undefined)
  if (kept && isGood(new X509Certificate(kept.cert), names)) return kept
  // Loaded for this alone: it is as large as the relay.
  const { generate } = await import('selfsigned')
  const all = [...new Set([...names, ...ownAddresses()])]
  const made = await generate([{ name: 'commonName', value: hostname() }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notAfterDate: new Date(Date.now() + days.valid * DAY),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: all.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  })
  // The key first: a relay that is killed between the two finds no pair and makes another.
  await writeFileAtomic(files.key, made.private, { mode: 0o600 })
  await writeFileAtomic(files.cert, made.cert, { mode: 0o644 })
  return { cert: Buffer.from(made.cert), key: Buffer.from(made.private) }
}

function isGood(cert: X509Certificate, names: string[]): boolean {
  const left = Date.parse(cert.validTo) - Date.now()
  const covers = (name: string) =>
    (isIP(name) ? cert.checkIP(name) : cert.checkHost(name, { wildcards: false })) !== undefined
  return left > days.renew * DAY && names.every(covers)
}

/** What a made certificate must cover. The other addresses of this machine come and go: they are in it when it is made. */
function namesOf({ bind, publicOrigin }: Config): string[] {
  const origins = publicOrigin.map((origin) => new URL(origin).hostname.replace(/^\[|\]$/g, ''))
  const bound = bind === '0.0.0.0' || bind === '::' ? [] : [bind]
  return [...new Set(['localhost', hostname().toLowerCase(), '127.0.0.1', '::1', ...bound, ...origins])]
}

const ownAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ scopeid }) => !scopeid)
    .map(({ address }) => address)
