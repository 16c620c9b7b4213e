import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openBrowser, until } from '../harness/browser.ts'
import { keepDeviceKey } from '../harness/deviceKey.ts'
import { findInMemory } from '../harness/memory.ts'
import { answering } from '../harness/moving.ts'
import { startRecording } from '../harness/recording.ts'
import { spawnRelay } from '../harness/relayProcess.ts'
import { makePair } from '../harness/signedWorld.ts'
import { startSshd } from '../harness/sshd.ts'

const logins = 100

test('A-SIG-04 after 100 logins neither traffic nor memory of the relay has held the private key, and its heap holds no password', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-memory-'))
  vi.stubEnv('NODE_OPTIONS', `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${dir}`)
  const process = await spawnRelay(
    undefined,
    '--state',
    join(dir, 'state'),
    '--port',
    '0',
    '--limit-connect-burst=1000',
  )
  vi.unstubAllEnvs()
  const person = makePair()
  const publicKey = person.blob.toString('base64')
  await chmod(dir, 0o755)
  await writeFile(join(dir, 'authorized_keys'), `ssh-ed25519 ${publicKey}\n`, { mode: 0o644 })
  const sshd = await startSshd([`AuthorizedKeysFile ${join(dir, 'authorized_keys')}`])
  const recording = await startRecording(Number(new URL(process.launchUrl).port))
  const browser = await openBrowser(randomUUID(), { relay: `http://127.0.0.1:${recording.port}` })
  const { hosts, endpoints, tabs, store } = browser.app
  await browser.online()
  const { username, host, port } = sshd
  const key = await keepDeviceKey(store, person.key, publicKey)
  const target = { scheme: 'ssh' as const, username, host, port, jump: [] }
  const saved = await hosts.save({ target, endpointId: endpoints.list.value[0]?.id ?? '' })

  for (let login = 1; login <= logins; login++) {
    // By key and by password in turn; the last of each stay open.
    const identityId = login % 2 === 0 ? key : undefined
    await hosts.edit(saved?.id ?? '', (old) => ({ ...old, identityId }))
    const { tab, screen } = browser.open(target)
    await answering(
      browser,
      sshd,
      until(() => tab.session.state.value === 'open'),
    )
    screen.type('echo here-$((6*7))\r')
    await screen.shows('here-42')
    if (login <= logins - 2) await tabs.close(tab.id)
  }

  globalThis.process.kill(process.pid, 'SIGUSR2')
  const written = async () => {
    const [name = ''] = (await readdir(dir)).filter((one) => one.endsWith('.heapsnapshot'))
    return readFile(join(dir, name), 'utf8')
  }
  await expect.poll(async () => (await written().catch(() => '')).trimEnd().at(-1), { timeout: 60_000 }).toBe('}')
  const heap = await written()
  expect([username, sshd.password].map((text) => heap.includes(text))).toEqual([true, false])

  const { d = '' } = person.key.export({ format: 'jwk' })
  const scalar = Buffer.from(d, 'base64url')
  const secrets = [scalar, Buffer.from(scalar.toString('hex')), Buffer.from(scalar.toString('base64').slice(0, 40))]
  const shown = Buffer.from(publicKey)
  const traffic = recording.sent()
  expect([shown, ...secrets].map((one) => traffic.includes(one))).toEqual([true, false, false, false])
  expect(traffic.toString('latin1').split(sshd.password).length - 1).toBe(logins / 2)
  expect(await findInMemory(process.pid, [shown, ...secrets])).toEqual([true, false, false, false])

  await browser.close()
  await recording.close()
  await process.kill('SIGKILL')
  await sshd.close()
  await rm(dir, { recursive: true, force: true })
})
