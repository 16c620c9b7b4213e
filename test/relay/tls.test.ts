import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaults, UsageError } from '../../relay/config.ts'
import { openCertificate } from '../../relay/tls.ts'
import { certificate } from '../harness/certificate.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'

let dir: string
const open: TestRelay[] = []
const sockets: TLSSocket[] = []
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-tls-'))
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const relay of open.splice(0)) await relay.close()
  await rm(dir, { recursive: true })
})

async function start(...given: Parameters<typeof startTestRelay>): Promise<TestRelay> {
  const relay = await startTestRelay(...given)
  open.push(relay)
  return relay
}

/** Connects as one who trusts this certificate alone, or whatever is shown. */
function meet(port: number, ca?: Buffer, servername = 'localhost'): Promise<{ socket: TLSSocket; shown: string }> {
  return new Promise((settle, reject) => {
    // A name is asked for; an address is not, and is checked by itself.
    const name = isIP(servername) ? {} : { servername }
    const socket = connect({ host: '127.0.0.1', port, ...name, ...(ca ? { ca } : { rejectUnauthorized: false }) })
    sockets.push(socket)
    socket.once('error', reject)
    socket.once('secureConnect', () => settle({ socket, shown: socket.getPeerCertificate().fingerprint256 }))
  })
}

/** A certificate by openssl, so that there is another than that of the harness. */
async function makeOther(): Promise<{ cert: string; key: string }> {
  const files = { cert: join(dir, 'other-cert.pem'), key: join(dir, 'other-key.pem') }
  const kind = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=other',
  ]
  await promisify(execFile)('openssl', ['req', '-x509', ...kind, '-keyout', files.key, '-out', files.cert])
  return { cert: await readFile(files.cert, 'utf8'), key: await readFile(files.key, 'utf8') }
}

/** A line of HTTP on a socket that stays open. */
function health(socket: TLSSocket): Promise<string> {
  return new Promise((settle) => {
    socket.once('data', (data: Buffer) => settle(data.toString()))
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
}

const printOf = (pem: string | Buffer) => new X509Certificate(pem).fingerprint256

describe('a certificate that changes', () => {
  const files = () => ({ tlsCert: join(dir, 'cert.pem'), tlsKey: join(dir, 'key.pem') })
  const write = async ({ cert, key }: { cert: string; key: string }) => {
    const { tlsCert, tlsKey } = files()
    await writeFile(tlsKey, key)
    await writeFile(tlsCert, cert)
  }

  test('is shown to new connections; those that are open stay', async () => {
    await write(certificate)
    const relay = await start({ ...files(), limits: { tlsCheckMs: 50 } })
    expect(relay.url).toMatch(/^https:/)
    const early = await meet(relay.port)
    expect(early.shown).toBe(printOf(certificate.cert))
    const other = await makeOther()
    await write(other)
    await expect.poll(async () => (await meet(relay.port)).shown).toBe(printOf(other.cert))
    expect(await health(early.socket)).toContain('200 OK')
    expect(relay.events.filter(({ event }) => event === 'tls-reloaded')).toMatchObject([
      { fingerprint: printOf(other.cert) },
    ])
    expect(relay.logText()).not.toContain('PRIVATE KEY')
  })

  test('and cannot be used is logged, and the former goes on', async () => {
    await write(certificate)
    const relay = await start({ ...files(), limits: { tlsCheckMs: 3_600_000 } })
    const other = await makeOther()
    // A pair half written, junk, nothing.
    for (const half of [
      { ...certificate, cert: other.cert },
      { cert: 'junk', key: 'junk' },
      { cert: '', key: '' },
    ]) {
      await write(half)
      const before = relay.events.length
      await relay.reload()
      expect(relay.events.slice(before).map(({ event }) => event)).toEqual(['tls-not-reloaded'])
    }
    expect((await meet(relay.port)).shown).toBe(printOf(certificate.cert))
    await write(other)
    await relay.reload()
    expect((await meet(relay.port)).shown).toBe(printOf(other.cert))
  })

  test('that is none at the start: the relay does not start', async () => {
    const other = await makeOther()
    const halves = [
      { ...certificate, key: other.key },
      { cert: 'junk', key: certificate.key },
    ]
    for (const half of halves) {
      await write(half)
      await expect(startTestRelay(files())).rejects.toThrow(UsageError)
      await expect(startTestRelay(files())).rejects.toThrow(/^--tls-cert and --tls-key cannot be used: [^\n]+$/)
    }
  })
})

describe('--tls-self-signed', () => {
  test('makes a certificate that a browser can be told to trust, and says its fingerprint', async () => {
    const state = join(dir, 'state')
    const publicOrigin = ['https://relay.example:8443']
    const relay = await startTestRelay({ state, tlsSelfSigned: true, publicOrigin })
    const cert = await readFile(join(state, 'tls-cert.pem'))
    expect(relay.madeFingerprint).toBe(printOf(cert))
    expect(relay.madeFingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)
    expect((await stat(join(state, 'tls-key.pem'))).mode & 0o777).toBe(0o600)
    for (const name of ['localhost', '127.0.0.1', hostname().toLowerCase(), 'relay.example'])
      expect((await meet(relay.port, cert, name)).shown).toBe(relay.madeFingerprint)
    await expect(meet(relay.port, cert, 'elsewhere.example')).rejects.toThrow(/altnames/)
    const { validFrom, validTo, ca } = new X509Certificate(cert)
    expect(Date.parse(validTo) - Date.parse(validFrom)).toBeLessThanOrEqual(398 * 24 * 3600 * 1000)
    expect(ca).toBe(false)
    // Sockets that have said nothing do not keep it.
    await relay.close()
  })

  test('keeps it over starts, makes another where it would not do, and is not stopped by half a pair', async () => {
    const made = async (...publicOrigin: string[]) => {
      const opened = await openCertificate(
        { ...defaults, state: dir, tlsSelfSigned: true, publicOrigin },
        () => undefined,
      )
      return opened?.madeFingerprint
    }
    const first = await made('https://one.example')
    expect(await made('https://one.example')).toBe(first)
    expect(await made()).toBe(first)
    const second = await made('https://two.example')
    expect(second).not.toBe(first)
    await writeFile(join(dir, 'tls-key.pem'), 'torn')
    const third = await made('https://two.example')
    expect(third).not.toBe(second)
    expect(await made('https://two.example')).toBe(third)
  })
})
