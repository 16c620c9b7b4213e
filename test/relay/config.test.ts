import { expect, test } from 'vitest'
import { defaults, helpText, isLoopback, readConfig, UsageError } from '../../relay/config.ts'

test('without a word the defaults hold', () => {
  expect(readConfig([], {})).toEqual(defaults)
  expect(defaults).toMatchObject({ port: 8022, bind: '127.0.0.1', host: false, noAuth: false, allow: [] })
  expect(defaults.limits).toMatchObject({ sessions: 1000, frame: 1024 * 1024, graceMs: 12 * 3600 * 1000 })
})

test('flags win over the environment, the environment over the defaults', () => {
  const env = {
    FAIRLEAD_PORT: '1',
    FAIRLEAD_HOST: 'yes',
    FAIRLEAD_ALLOW: '10.0.0.0/8:22, host.example',
    FAIRLEAD_LIMIT_SESSIONS: '7',
  }
  const config = readConfig(['--port', '2', '--deny', '::/0', '--deny=*:25', '--limit-tcp-ms', '99'], env)
  expect(config).toMatchObject({
    port: 2,
    host: true,
    allow: ['10.0.0.0/8:22', 'host.example'],
    deny: ['::/0', '*:25'],
  })
  expect(config.limits).toMatchObject({ sessions: 7, tcpMs: 99 })
})

test('the password comes from the environment only', () => {
  expect(readConfig([], { FAIRLEAD_PASSWORD: 'from-the-environment' }).password).toBe('from-the-environment')
  expect(() => readConfig(['--password', 'x'], {})).toThrow(UsageError)
  expect(readConfig([], { FAIRLEAD_PASSWORD: '' }).password).toBeUndefined()
})

test.each([
  [['--port']],
  [['--port', '65536']],
  [['--port', '-1']],
  [['--port', '1e3']],
  [['--port', '1', '--port', '2']],
  [['--unknown']],
  [['positional']],
  [['--host=1']],
  [['--bind', 'example.org']],
  [['--allow', '10.0.0.0/33']],
  [['--deny', 'a b']],
  [['--allow', 'host:0']],
  [['--trust-proxy', 'proxy.example']],
  [['--allow-origin', '*']],
  [['--allow-origin', 'null']],
  [['--allow-origin', 'https://example.org/']],
  [['--public-origin', 'chrome-extension://abcdefghijklmnopabcdefghijklmnop']],
  [['--tls-cert', 'cert.pem']],
  [['--tls-key', 'key.pem']],
  [['--tls-cert', 'cert.pem', '--tls-key', 'key.pem', '--tls-self-signed']],
  [['--audit-must']],
  [['--audit-file', '']],
  [['--metrics-port', '65536']],
  [['--metrics-port', '8022']],
  [['--host', '--no-auth']],
  [['--limit-frame', '1']],
  [['--limit-grace-ms', String(25 * 3600 * 1000)]],
  [['--state', '']],
  [['--webssh2-host-keys', 'ask']],
  [['--webssh2-no-token']],
  [['--webssh2-replay']],
  [['--webssh2-methods', 'password']],
  [['--webssh2-target', 'host']],
  [['--webssh2-prompts']],
  [['--webssh2', '--webssh2-host-keys', 'trust']],
  [['--webssh2', '--webssh2-methods', 'hostbased']],
  [['--webssh2', '--webssh2-methods', '']],
  [['--webssh2', '--webssh2-target', 'user@host']],
  [['--webssh2', '--webssh2-target', 'host:0']],
  [['--webssh2', '--webssh2-target', 'host/path']],
])('%j is refused with one line', (argv) => {
  const refusal = (() => {
    try {
      readConfig(argv, {})
    } catch (error) {
      return error
    }
    return undefined
  })()
  expect(refusal).toBeInstanceOf(UsageError)
  expect((refusal as Error).message).toMatch(/^[^\n]{5,200}$/)
})

test('the dialect of WebSSH2 is off, and each of its settings is read from flag and environment', () => {
  expect(defaults).toMatchObject({
    webssh2: false,
    webssh2HostKeys: 'keep',
    webssh2Methods: ['password', 'keyboard-interactive', 'publickey'],
    webssh2NoToken: false,
    webssh2Prompts: false,
    webssh2Replay: false,
  })
  expect(defaults.webssh2Target).toBeUndefined()
  const flags = ['--webssh2', '--webssh2-host-keys', 'ask', '--webssh2-no-token', '--webssh2-replay']
  flags.push('--webssh2-methods', 'publickey', '--webssh2-methods', 'password', '--webssh2-target', '[::1]:2222')
  flags.push('--webssh2-prompts')
  const all = {
    webssh2: true,
    webssh2HostKeys: 'ask',
    webssh2Methods: ['password', 'publickey'],
    webssh2Target: { host: '::1', port: 2222 },
    webssh2NoToken: true,
    webssh2Prompts: true,
    webssh2Replay: true,
  }
  expect(readConfig(flags, {})).toMatchObject(all)
  const env = {
    FAIRLEAD_WEBSSH2: '1',
    FAIRLEAD_WEBSSH2_HOST_KEYS: 'ask',
    FAIRLEAD_WEBSSH2_METHODS: 'publickey, password',
    FAIRLEAD_WEBSSH2_TARGET: '[::1]:2222',
    FAIRLEAD_WEBSSH2_PROMPTS: '1',
    FAIRLEAD_WEBSSH2_NO_TOKEN: '1',
    FAIRLEAD_WEBSSH2_REPLAY: '1',
  }
  expect(readConfig([], env)).toMatchObject(all)
  expect(() => readConfig(['--webssh2-no-token'], {})).toThrow(/need --webssh2$/)
})

test('every flag is read from the environment as well, under its own name', () => {
  const byName: Record<string, [flag: string[], env: string]> = {
    bind: [['127.0.0.9'], '127.0.0.9'],
    allowOrigin: [['https://a.example'], 'https://a.example'],
    publicOrigin: [['https://b.example'], 'https://b.example'],
    allow: [['10.0.0.0/8:22'], '10.0.0.0/8:22'],
    deny: [['*:25'], '*:25'],
    trustProxy: [['10.0.0.1'], '10.0.0.1'],
  }
  const flags = [...helpText().matchAll(/^ {2}--([a-z\d-]+)( [A-Z]+)?/gm)]
    .map(([, name = '', value]) => ({ name, value }))
    .filter(({ name }) => !/^(help|version)$|^webssh2|^no-auth$|^tls-|^audit-must$/.test(name))
  expect(flags.length).toBeGreaterThan(40)
  for (const { name, value } of flags) {
    const key = name.replaceAll(/-([a-z\d])/g, (_, letter: string) => letter.toUpperCase())
    const wanted = { frame: '70000', log: '70000', window: '20000', logTotal: '2000000', silenceMs: '500' }
    const limit = key.replace(/^limit([A-Z])/, (_, letter: string) => letter.toLowerCase())
    const number = (wanted as Record<string, string>)[limit] ?? (/Ms$/.test(limit) ? '5001' : '50')
    const [flag, env] =
      byName[key] ?? (value === undefined ? [[], '1'] : / (N|PORT)$/.test(value) ? [[number], number] : [['f'], 'f'])
    const variable = `FAIRLEAD_${name.replaceAll('-', '_').toUpperCase()}`
    expect(readConfig([`--${name}`, ...flag], {}), name).toEqual(readConfig([], { [variable]: env }))
    expect(readConfig([], { [variable]: env }), name).not.toEqual(defaults)
  }
})

test('what goes together is read together', () => {
  expect(readConfig(['--tls-self-signed'], {})).toMatchObject({ tlsSelfSigned: true })
  expect(readConfig(['--audit-file', '/var/log/a', '--audit-must'], {})).toMatchObject({
    auditFile: '/var/log/a',
    auditMust: true,
  })
  expect(readConfig(['--tls-cert', '/c'], { FAIRLEAD_TLS_KEY: '/k' })).toMatchObject({ tlsCert: '/c', tlsKey: '/k' })
  expect(() => readConfig(['--tls-self-signed'], { FAIRLEAD_TLS_CERT: '/c', FAIRLEAD_TLS_KEY: '/k' })).toThrow(
    /exclude/,
  )
})

test('contradictions between flag and environment are refused, and the wrong one is named', () => {
  expect(() => readConfig(['--password-file', 'f'], { FAIRLEAD_PASSWORD: 'long-enough' })).toThrow(/exclude/)
  expect(() => readConfig(['--no-auth'], { FAIRLEAD_PASSWORD: 'long-enough' })).toThrow(/exclude/)
  expect(() => readConfig([], { FAIRLEAD_OPEN: 'perhaps' })).toThrow('FAIRLEAD_OPEN must be 1 or 0')
  expect(() => readConfig([], { FAIRLEAD_PORT: 'x' })).toThrow(/^FAIRLEAD_PORT must be a whole number from 0 to 65535$/)
})

test('the help names every setting and fits 100 columns', () => {
  const lines = helpText().split('\n')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(100)
  for (const name of Object.keys(defaults.limits)) {
    expect(helpText()).toContain(`--limit-${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} N`)
  }
  for (const flag of [
    'port',
    'bind',
    'state',
    'host',
    'password-file',
    'no-auth',
    'allow-origin',
    'allow',
    'deny',
    'trust-proxy',
    'tls-cert',
    'tls-key',
    'open',
    'help',
    'version',
  ]) {
    expect(lines.some((line) => line.startsWith(`  --${flag} `))).toBe(true)
  }
})

test('only addresses of this machine alone are loopback', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].every(isLoopback)).toBe(true)
  expect(['0.0.0.0', '::', '10.0.0.1', '192.168.0.1', 'localhost', ''].some(isLoopback)).toBe(false)
})
