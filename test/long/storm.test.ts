import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Link } from '../../pwa/model/link.ts'
import { ask } from '../harness/http.ts'
import { canaries } from '../harness/relay.ts'
import { spawnRelay } from '../harness/relayProcess.ts'
import { freePort } from '../harness/sshd.ts'

const clients = 1000

test('N-KIL-02 a relay is killed under a thousand clients: they come back to the next one, and a login is answered meanwhile', async () => {
  const state = await mkdtemp(join(tmpdir(), 'fairlead-storm-'))
  const port = await freePort()
  const flags = ['--state', state, '--port', String(port)]
  for (const limit of ['sockets', 'sockets-per-address']) flags.push(`--limit-${limit}`, '5000')
  let relay = await spawnRelay(canaries.password, ...flags)
  const logIn = async () => {
    const body = JSON.stringify({ password: canaries.password })
    const headers = { 'content-type': 'application/json' }
    const answer = await ask(port, '/api/auth/login', { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    return answer.json().token
  }
  let token = await logIn()
  const links: Link[] = []
  const online = () => links.filter(({ state }) => state.value === 'online').length
  while (links.length < clients) {
    for (let more = 0; more < 50; more++) links.push(new Link(`http://127.0.0.1:${port}`, () => token))
    await expect.poll(online, { timeout: 60_000 }).toBe(links.length)
  }

  await relay.kill('SIGKILL')
  await expect.poll(online, { timeout: 20_000 }).toBe(0)
  relay = await spawnRelay(canaries.password, ...flags)
  // Logins have gone with the relay: that of a person who comes into the storm, which the app then uses.
  token = await logIn()
  const retrying = setInterval(() => {
    for (const link of links) if (link.state.value === 'login-required') link.retry()
  }, 50)
  await expect.poll(online, { timeout: 30_000 }).toBe(clients)
  clearInterval(retrying)
  for (const link of links) link.close()
  await relay.kill('SIGKILL')
  await rm(state, { recursive: true, force: true })
})
