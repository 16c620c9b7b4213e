import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Answer, Prompt } from '../../shared/protocol.ts'
import { attachKey, Client } from '../harness/client.ts'
import { startTestRelay, type TestRelay } from '../harness/relay.ts'
import { remoteKey, strings } from '../harness/remoteKey.ts'
import { type Sshd, startSshd } from '../harness/sshd.ts'
import { makeSshKey, type SshKey } from '../harness/sshKey.ts'

let dir: string
let sshd: Sshd
let relay: TestRelay
let key: SshKey
let rsa: SshKey
const open: Client[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fairlead-agent-'))
  ;[key, rsa] = await Promise.all([makeSshKey(join(dir, 'key')), makeSshKey(join(dir, 'rsa'), 'rsa', 2048)])
  await writeFile(join(dir, 'authorized_keys'), `${key.public}\n${rsa.public}\n`, { mode: 0o644 })
  await chmod(dir, 0o755)
  sshd = await startSshd([`AuthorizedKeysFile ${join(dir, 'authorized_keys')}`])
  relay = await startTestRelay({ limits: { promptMs: 5_000 } })
})
afterEach(() => {
  for (const client of open.splice(0)) client.close()
})
afterAll(async () => {
  await relay.close()
  await sshd.close()
  await rm(dir, { recursive: true })
})

type AgentPrompt = Extract<Prompt, { kind: 'agent-sign' }>

let count = 0

/** A shell that lends the two keys; `decide` answers what programs want signed. */
async function shell(
  decide: (prompt: AgentPrompt) => Answer,
  more: object = {},
): Promise<{ client: Client; sessionId: string; asked: AgentPrompt[]; run(command: string): Promise<string> }> {
  const keys = [remoteKey(key), remoteKey(rsa)]
  const client = await Client.open(relay.url)
  open.push(client)
  const sessionId = `lent-${++count}`
  const asked: AgentPrompt[] = []
  client.onPrompt = (prompt) => {
    if (prompt.kind === 'host-key') return { kind: 'host-key', accept: true }
    if (prompt.kind === 'agent-sign') {
      asked.push(prompt)
      return decide(prompt)
    }
    if (prompt.kind !== 'sign') return { kind: 'cancel' }
    const signature = remoteKey(key).sign(prompt.algorithm, Buffer.from(prompt.data, 'base64'))
    return { kind: 'sign', signature: signature.toString('base64') }
  }
  await client.ask('ssh-connect', {
    sessionId,
    host: sshd.host,
    port: sshd.port,
    username: sshd.username,
    interactive: true,
    binary: true,
    forwardAgent: true,
    identities: keys.map(({ offer }) => offer),
    ...more,
  })
  client.acknowledges = true
  let runs = 0
  return {
    client,
    sessionId,
    asked,
    async run(command) {
      const mark = `done-${++runs}`
      const before = client.output(sessionId).length
      client.send('ssh-data', { sessionId, data: `${command}; echo "${mark.replace('-', '"-"')} $?"\n` })
      return (await client.shows(sessionId, new RegExp(`${mark} \\d+`))).slice(before)
    },
  }
}

function sign(prompt: AgentPrompt): Answer {
  const data = Buffer.from(prompt.data, 'base64')
  const isRsa = prompt.publicKey === rsa.blob.toString('base64')
  const algorithm = isRsa ? (prompt.flags === 4 ? 'rsa-sha2-512' : 'rsa-sha2-256') : 'ssh-ed25519'
  const signature = remoteKey(isRsa ? rsa : key).sign(algorithm, data)
  return { kind: 'agent-sign', signature: signature.toString('base64') }
}

const login = () =>
  [
    'ssh -T -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o PasswordAuthentication=no -o LogLevel=ERROR',
    `-p ${sshd.port} ${sshd.username}@127.0.0.1 'echo hello-from-$((6*7))'`,
  ].join(' ')

test('programs on the host see the keys and may have something signed, each after a question', async () => {
  const { run, asked } = await shell(sign)
  const list = await run('ssh-add -L')
  expect(list).toContain(key.blob.toString('base64'))
  expect(list).toContain(rsa.blob.toString('base64'))
  expect(asked).toEqual([])
  expect(await run(login())).toContain('hello-from-42')
  expect(asked).toMatchObject([
    {
      kind: 'agent-sign',
      host: sshd.host,
      port: sshd.port,
      username: sshd.username,
      publicKey: key.blob.toString('base64'),
      flags: 0,
    },
  ])
})

test('a refusal is one of that signature only', async () => {
  const { run, asked } = await shell((prompt) => (asked.length > 2 ? sign(prompt) : { kind: 'cancel' }))
  expect(await run(login())).toContain('Permission denied')
  // Both keys were tried.
  expect(asked).toHaveLength(2)
  expect(await run(login())).toContain('hello-from-42')
})

test('RSA keys sign with the hash that the program names', async () => {
  const { run, asked, client, sessionId } = await shell(sign)
  const place = '$(mktemp -d)'
  await run(`cd ${place}; echo '${rsa.public}' > rsa.pub; echo text > file; echo "me ${rsa.public}" > allowed`)
  expect(await run('ssh-keygen -Y sign -n git -f rsa.pub file')).toContain('done-2 0')
  expect(await run('ssh-keygen -Y verify -n git -I me -f allowed -s file.sig < file')).toContain('Good "git" signature')
  expect(asked).toMatchObject([{ publicKey: rsa.blob.toString('base64'), flags: 4 }])
  client.send('ssh-data', { sessionId, data: 'rm -r "$PWD"\n' })
})

test('all else that an agent could do is refused, and junk ends the channel alone', async () => {
  const { run, asked } = await shell(sign)
  expect(await run('ssh-add -D')).toMatch(/done-1 [^0]/)
  const send = (script: string) =>
    run(
      `${process.execPath} -e 'const s=require("net").connect(process.env.SSH_AUTH_SOCK);s.on("error",()=>{});s.on("data",d=>console.log("got-"+d.toString("hex")));s.on("close",()=>console.log("shut-"+1));${script}'`,
    )
  // An unknown request, one of a strange key, one cut short, and one with more than there should be.
  const strange = strings('x', 'y')
  for (const body of [
    Buffer.from([99]),
    Buffer.concat([Buffer.from([13]), strange, Buffer.alloc(4)]),
    Buffer.from([13, 0, 0, 0, 9]),
    Buffer.from([11, 0]),
  ]) {
    const message = strings(body).toString('hex')
    expect(await send(`s.write(Buffer.from("${message}","hex"));s.once("data",()=>s.end())`)).toContain(
      'got-0000000105',
    )
  }
  for (const head of ['ffffffff', '00000000', '00040001']) {
    expect(await send(`s.write(Buffer.from("${head}","hex"))`)).toContain('shut-1')
  }
  expect(asked).toEqual([])
  expect(await run('ssh-add -l')).toContain('ED25519')
})

test('a session that lends nothing has no agent, and a server that forwards none gives a shell nevertheless', async () => {
  const { run } = await shell(sign, { forwardAgent: false })
  expect(await run('echo "sock=[$SSH_AUTH_SOCK]"')).toContain('sock=[]')
  const strict = await startSshd([`AuthorizedKeysFile ${join(dir, 'authorized_keys')}`, 'AllowAgentForwarding no'])
  try {
    const other = await shell(sign, { port: strict.port })
    expect(await other.run('echo "sock=[$SSH_AUTH_SOCK]"')).toContain('sock=[]')
  } finally {
    await strict.close()
  }
})

test('a question survives a cut: whoever attaches is asked again', async () => {
  const { resume, sign: prove } = attachKey()
  const { client, sessionId } = await shell(() => ({ kind: 'cancel' }), { resume })
  client.onPrompt = undefined
  client.send('ssh-data', { sessionId, data: `${login()}\n` })
  const { promptId } = await client.next('ssh-prompt', ({ prompt }) => prompt.kind === 'agent-sign')
  client.close()
  const back = await Client.open(relay.url)
  open.push(back)
  const { nonce, epoch } = await back.next('relay-hello')
  await back.ask('ssh-attach', { sessionId, offset: 0, signature: prove({ nonce, epoch, sessionId, offset: 0 }) })
  const again = await back.next('ssh-prompt', (one) => one.promptId === promptId)
  if (again.prompt.kind !== 'agent-sign') throw new Error('another question')
  await back.ask('ssh-answer', { sessionId, promptId, answer: sign(again.prompt) })
  await back.shows(sessionId, 'hello-from-42')
})
