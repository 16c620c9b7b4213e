import { createPrivateKey, randomUUID } from 'node:crypto'
import ssh2 from 'ssh2'
import { openBrowser, until } from '../harness/browser.ts'
import { keepDeviceKey } from '../harness/deviceKey.ts'
import { interleave, median } from './figures.ts'
import type { Row } from './report.ts'
import type { Stage } from './stage.ts'

/** What it costs at a login that the key stays in the browser, which checks what it signs: against a key file that the relay is given. */
export async function browserKey({ relay, sshd, rounds }: Stage): Promise<Row[]> {
  const browser = await openBrowser(randomUUID(), { relay: relay.url })
  const { hosts, endpoints, tabs, prompts, store } = browser.app
  await browser.online()
  const parsed = ssh2.utils.parseKey(sshd.privateKey)
  if (parsed instanceof Error) throw parsed
  const publicKey = parsed.getPublicSSH().toString('base64')
  const key = await keepDeviceKey(store, createPrivateKey(parsed.getPrivatePEM()), publicKey)
  const { username, host, port, privateKey } = sshd
  const target = { scheme: 'ssh' as const, username, host, port, jump: [] }
  const saved = await hosts.save({ target, endpointId: endpoints.list.value[0]?.id ?? '' })
  const answered = new Set<string>()
  const stop = prompts.open.subscribe(([first]) => {
    if (!first || answered.has(first.id)) return
    answered.add(first.id)
    if (first.question.kind === 'host-key') void browser.answer({ kind: 'host-key', accept: true })
    if (first.question.kind === 'login') void browser.answer({ kind: 'login', privateKey })
  })
  const logIn = async (name: 'file' | 'browser') => {
    await hosts.edit(saved?.id ?? '', (old) => ({ ...old, identityId: name === 'browser' ? key : undefined }))
    const start = performance.now()
    const { tab } = browser.open(target)
    await until(() => tab.session.state.value === 'open')
    const time = performance.now() - start
    await tabs.close(tab.id)
    return time
  }
  try {
    // The host's key is known from here on, and the parts that are loaded when first needed are there.
    await logIn('file')
    await logIn('browser')
    const times = await interleave(
      3 * rounds,
      [{ name: 'file' as const }, { name: 'browser' as const }],
      async (way) => [await logIn(way.name)],
    )
    return [
      {
        metric: 'login with a key of the browser',
        unit: 'ms',
        limit: { name: 'key file', figure: median(times.file ?? []) },
        ours: median(times.browser ?? []),
      },
    ]
  } finally {
    stop()
    await browser.close()
  }
}
