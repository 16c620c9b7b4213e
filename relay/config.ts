import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import envPaths from 'env-paths'
import ipaddr from 'ipaddr.js'
import * as v from 'valibot'
import { readTarget } from '../shared/target.ts'
import { parseRule } from './policy.ts'

/** Input that cannot be obeyed: `message` is one line for stderr, the exit status is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type About = {
  /** What stands for the value in the help; absent for switches. */
  value?: string
  help: string
  /** Set where the value must not stand on a command line, which other users can read. */
  environmentOnly?: true
}

const KiB = 1024
const MiB = 1024 * KiB
const HOUR = 60 * 60 * 1000

const whole = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`
  return v.pipe(v.number(message), v.safeInteger(message), v.minValue(min, message), v.maxValue(max, message))
}
const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'))
const path = v.pipe(
  text,
  v.transform((value: string) => resolve(value)),
)

const parses = (parse: (value: string) => unknown) => (value: string) => {
  try {
    parse(value)
    return true
  } catch {
    return false
  }
}
const rules = v.array(v.pipe(text, v.check(parses(parseRule), 'must be CIDR, address or name, then :port if wanted')))
const networks = v.array(
  v.pipe(
    text,
    v.check(
      parses((value) => (isIP(value) ? value : ipaddr.parseCIDR(value))),
      'must be an address or a CIDR',
    ),
  ),
)

const isOrigin = (value: string, schemes: string[]) =>
  URL.canParse(value) &&
  schemes.includes(new URL(value).protocol) &&
  new URL(value).host !== '' &&
  `${new URL(value).protocol}//${new URL(value).host}` === value
const methods = ['password', 'keyboard-interactive', 'publickey'] as const
const pages = ['http:', 'https:']
const extensions = ['chrome-extension:', 'moz-extension:']
const webOrigins = v.array(
  v.pipe(
    text,
    v.check((value) => isOrigin(value, pages), 'must be an origin such as https://ssh.example.org'),
  ),
)
const origins = v.array(
  v.pipe(
    text,
    v.check(
      (value) => isOrigin(value, [...pages, ...extensions]),
      'must be an origin such as https://ssh.example.org or chrome-extension://ID',
    ),
  ),
)

/** `HOST` or `HOST:PORT`; undefined for everything else that is a target to a person. */
function placeOf(value: string): { host: string; port: number } | undefined {
  const reading = readTarget(`ssh://${value}`)
  if (!reading.ok || /[/@?#]/.test(value)) return undefined
  return { host: reading.target.host, port: reading.target.port ?? 22 }
}

const about = <T>(of: About) => v.metadata<T, About>(of)
const limit = (byDefault: number, min: number, max: number, help: string) =>
  v.optional(v.pipe(whole(min, max), about({ value: 'N', help })), byDefault)

/** Every limit: its default, its bounds, its help. The flag is `--limit-` and the name in kebab case. */
const limits = {
  sessionsPerPrincipal: limit(64, 1, 100_000, 'sessions of one login'),
  sessions: limit(1000, 1, 100_000, 'sessions in all'),
  pendingConnects: limit(10, 1, 1000, 'connects of one login under way at once'),
  connectBurst: limit(60, 1, 10_000, 'connects in a row'),
  connectsPerSecond: limit(1, 1, 1000, 'connects a second after the burst'),
  eventsPerSecond: limit(10_000, 10, 1_000_000, 'events a second of one socket'),
  eventBurst: limit(20_000, 10, 1_000_000, 'events in a row of one socket'),
  fileEventsPerSecond: limit(50_000, 10, 1_000_000, 'file requests a second of one socket'),
  fileEventBurst: limit(100_000, 10, 1_000_000, 'file requests in a row of one socket'),
  frame: limit(MiB, 64 * KiB, 64 * MiB, 'bytes of one message'),
  window: limit(512 * KiB, 16 * KiB, 16 * MiB, 'bytes of output sent without acknowledgement'),
  log: limit(2 * MiB, 64 * KiB, 256 * MiB, 'bytes of output kept per session'),
  logTotal: limit(256 * MiB, MiB, 64 * 1024 * MiB, 'bytes of output and screens kept in all'),
  pingMs: limit(15_000, 100, HOUR, 'ms between looks whether a client is there'),
  silenceMs: limit(30_000, 100, HOUR, 'ms that it may take to answer; then its socket is let go'),
  holdMs: limit(60_000, 0, HOUR, 'ms that a program then waits for its client'),
  graceMs: limit(12 * HOUR, 0, 24 * HOUR, 'ms that a session lives without a socket'),
  promptMs: limit(90_000, 100, HOUR, 'ms that a question waits for a person'),
  tcpMs: limit(10_000, 50, 600_000, 'ms to resolve, and ms to connect'),
  identMs: limit(10_000, 50, 600_000, "ms for the server's first line"),
  keyExchangeMs: limit(20_000, 50, 600_000, 'ms for the key exchange'),
  loginMs: limit(120_000, 50, HOUR, 'ms for the login'),
  keepaliveMs: limit(15_000, 100, HOUR, 'ms between keepalives; three missed end a connection'),
  cursors: limit(8, 1, 1000, 'listings under way per session'),
  openFiles: limit(128, 1, 100_000, 'files open per session'),
  sftpStallMs: limit(30_000, 50, HOUR, 'ms that a server may leave files waiting'),
  offerMs: limit(60_000, 50, HOUR, 'ms within which a file that was offered is to be fetched'),
  offerWaitMs: limit(5000, 0, 60_000, 'ms that who fetches waits for what is not offered yet'),
  downloadStallMs: limit(HOUR / 6, 50, HOUR, 'ms that who fetches a file may take nothing of it'),
  sessionsPerConnection: limit(10, 1, 1000, 'sessions that share one SSH connection'),
  tlsCheckMs: limit(10_000, 50, HOUR, 'ms between looks whether the certificate has changed'),
  tokenIdleMs: limit(12 * HOUR, 1000, 365 * 24 * HOUR, 'ms that a login lives unused'),
  tokenMs: limit(30 * 24 * HOUR, 1000, 365 * 24 * HOUR, 'ms that a login lives at most'),
  handshakeMs: limit(10_000, 100, 60_000, 'ms for request headers, and for a handshake'),
  sockets: limit(2000, 1, 100_000, 'TCP connections in all'),
  socketsPerAddress: limit(200, 1, 100_000, 'TCP connections of one address'),
  drainTerminalsMs: limit(5_000, 0, HOUR, 'ms for terminals when the relay shuts down'),
  drainTransfersMs: limit(30_000, 0, HOUR, 'ms for transfers when the relay shuts down'),
}

const flag = (help: string) => v.optional(v.pipe(v.boolean(), about({ help })), false)

/** The one declaration: names, defaults, bounds and help. Flags, environment, help and types are derived from it. */
const Schema = v.object({
  port: v.optional(
    v.pipe(whole(0, 65_535), about({ value: 'PORT', help: 'port to listen on; 0 takes a free one' })),
    8022,
  ),
  bind: v.optional(
    v.pipe(
      text,
      v.transform((value: string) => (value === 'localhost' ? '127.0.0.1' : value)),
      v.check((value) => isIP(value) !== 0, 'must be an address'),
      about({ value: 'ADDRESS', help: 'address to listen on' }),
    ),
    '127.0.0.1',
  ),
  state: v.optional(
    v.pipe(path, about({ value: 'DIR', help: 'directory for the password hash and the keys of the host' })),
    envPaths('fairlead', { suffix: '' }).data,
  ),
  host: flag('run an SSH host for this machine; a password is made if none is set'),
  passwordFile: v.optional(
    v.pipe(path, about({ value: 'FILE', help: 'set the password at start to the first line of FILE' })),
  ),
  password: v.optional(
    v.pipe(v.string(), about({ value: 'TEXT', help: 'set the password at start', environmentOnly: true })),
  ),
  noAuth: flag('run without a password even where others reach the port'),
  allowOrigin: v.optional(
    v.pipe(origins, about({ value: 'URL', help: 'let pages of this origin in, or an extension' })),
    [],
  ),
  allow: v.optional(
    v.pipe(rules, about({ value: 'TARGET', help: 'CIDR|name[:port], the only ones dialled; * is all by default' })),
    [],
  ),
  deny: v.optional(
    v.pipe(rules, about({ value: 'TARGET', help: 'CIDR|name[:port] that may not be dialled; it wins' })),
    [],
  ),
  trustProxy: v.optional(v.pipe(networks, about({ value: 'CIDR', help: 'believe X-Forwarded-* from here' })), []),
  publicOrigin: v.optional(
    v.pipe(webOrigins, about({ value: 'URL', help: 'the only addresses under which the relay answers' })),
    [],
  ),
  noQueryToken: flag('refuse tokens in the query of a handshake'),
  tlsCert: v.optional(v.pipe(path, about({ value: 'FILE', help: 'certificate chain, PEM' }))),
  tlsKey: v.optional(v.pipe(path, about({ value: 'FILE', help: 'private key of the certificate, PEM' }))),
  tlsSelfSigned: flag('make a certificate, keep it, and print its fingerprint'),
  auditFile: v.optional(
    v.pipe(path, about({ value: 'FILE', help: 'append a line for each session that ends; SIGHUP reopens it' })),
  ),
  auditMust: flag('open no session that the audit file cannot record'),
  metricsPort: v.optional(
    v.pipe(whole(0, 65_535), about({ value: 'PORT', help: 'serve /metrics without a token, on 127.0.0.1 only' })),
  ),
  webssh2: flag('also serve clients and addresses of WebSSH2, at /ssh'),
  webssh2HostKeys: v.optional(
    v.pipe(
      v.picklist(['keep', 'ask', 'known'], 'must be keep, ask or known'),
      about({ value: 'HOW', help: 'new host keys for WebSSH2: keep, ask the client, or known ones only' }),
    ),
    'keep',
  ),
  webssh2Methods: v.optional(
    v.pipe(
      v.array(v.picklist(methods, `must be ${methods.join(', ')}`)),
      v.minLength(1, 'must not be empty'),
      v.transform((given) => methods.filter((method) => given.includes(method))),
      about({ value: 'METHOD', help: 'how WebSSH2 clients may log in, in the words of SSH; all by default' }),
    ),
    [...methods],
  ),
  webssh2Target: v.optional(
    v.pipe(
      text,
      v.check((value) => placeOf(value) !== undefined, 'must be HOST or HOST:PORT'),
      v.transform((value) => placeOf(value) as { host: string; port: number }),
      about({ value: 'HOST', help: 'HOST[:PORT] for WebSSH2 logins and addresses that name none' }),
    ),
  ),
  webssh2Prompts: flag('put every question of a server to WebSSH2 clients'),
  webssh2NoToken: flag('let WebSSH2 pages of the allowed origins in without a token'),
  webssh2Replay: flag('keep the passwords of WebSSH2 clients and type them when asked to'),
  open: flag('open the browser'),
  app: v.optional(v.pipe(path, about({ value: 'DIR', help: 'directory of the built app' }))),
  limits: v.optional(v.object(limits), {}),
})

/** What a relay is started with. */
export type Config = v.InferOutput<typeof Schema>

/** What holds when nothing is said. */
export const defaults: Config = v.parse(Schema, {})

interface Setting extends About {
  name: string
  limit: boolean
  flag: string
  env: string
  kind: 'number' | 'string' | 'boolean' | 'array'
  byDefault: unknown
}

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

function toSetting(name: string, schema: v.GenericSchema, isLimit: boolean): Setting {
  // `v.optional` keeps what it wraps; its type does not say so for a schema of unknown kind.
  const wrapped = (schema as unknown as { wrapped: v.GenericSchema }).wrapped
  const key = `${isLimit ? 'limit-' : ''}${kebab(name)}`
  return {
    ...(v.getMetadata(wrapped as never) as unknown as About),
    name,
    limit: isLimit,
    flag: key,
    env: `FAIRLEAD_${key.replaceAll('-', '_').toUpperCase()}`,
    kind: wrapped.type === 'picklist' ? 'string' : (wrapped.type as Setting['kind']),
    byDefault: v.getDefault(schema as never),
  }
}

const settings: Setting[] = [
  ...Object.entries(Schema.entries)
    .filter(([name]) => name !== 'limits')
    .map(([name, schema]) => toSetting(name, schema, false)),
  ...Object.entries(limits).map(([name, schema]) => toSetting(name, schema, true)),
]

/** What the command line asks for besides running: `help` and `version` answer and end. */
export function readRequest(argv: string[]): 'run' | 'help' | 'version' {
  if (argv.includes('--help') || argv.includes('-h')) return 'help'
  return argv.includes('--version') ? 'version' : 'run'
}

/** Flags win over the environment, the environment over the defaults. @throws UsageError with one clear line */
export function readConfig(argv: string[], env: NodeJS.ProcessEnv): Config {
  const flags = readFlags(argv)
  const input: Record<string, unknown> = {}
  const inputLimits: Record<string, unknown> = {}
  const saidBy = new Map<string, string>()
  for (const setting of settings) {
    const fromFlag = flags.get(setting.flag)
    const fromEnv = env[setting.env]
    if (fromFlag === undefined && (fromEnv === undefined || fromEnv === '')) continue
    const target = setting.limit ? inputLimits : input
    target[setting.name] = fromFlag === undefined ? fromText(setting, fromEnv ?? '') : fromParsed(setting, fromFlag)
    saidBy.set(setting.name, fromFlag === undefined ? setting.env : `--${setting.flag}`)
  }
  const result = v.safeParse(Schema, { ...input, limits: inputLimits })
  if (!result.success) {
    const issue = result.issues[0]
    const keys = issue.path?.map((item) => item.key) ?? []
    const name = String(keys[0] === 'limits' ? keys[1] : keys[0])
    throw new UsageError(`${saidBy.get(name) ?? name} ${issue.message}`)
  }
  checkTogether(result.output)
  return result.output
}

/** The help text, at most 100 columns wide. */
export function helpText(): string {
  const general = settings.filter((setting) => !setting.limit && !setting.environmentOnly)
  const bounds = settings.filter((setting) => setting.limit)
  return [
    'Usage: fairlead [options]',
    '',
    'A relay that holds SSH and SFTP sessions for browsers, and serves the app. It prints its URL',
    'on stdout once it listens; everything else goes to stderr.',
    '',
    'Options (each also as FAIRLEAD_NAME in the environment). What ends in … may be repeated, and has',
    'commas between in the environment.',
    ...general.map(helpLine),
    ...[
      ['--help', 'show this and end'],
      ['--version', 'show the version and end'],
    ].map(([name, help]) => `  ${name?.padEnd(30)} ${help}`),
    '  FAIRLEAD_PASSWORD              set the password at start (environment only)',
    '',
    'Limits:',
    ...bounds.map(helpLine),
    '',
  ].join('\n')
}

function helpLine(setting: Setting): string {
  const left = `  --${setting.flag}${setting.value ? ` ${setting.value}${setting.kind === 'array' ? '…' : ''}` : ''}`
  const byDefault = typeof setting.byDefault === 'number' || setting.name === 'bind' ? ` [${setting.byDefault}]` : ''
  return `${left.padEnd(32)} ${setting.help}${byDefault}`
}

type Parsed = string | boolean | (string | boolean)[]

function readFlags(argv: string[]): Map<string, Parsed> {
  const options: NonNullable<ParseArgsConfig['options']> = {}
  for (const setting of settings) {
    if (setting.environmentOnly) continue
    options[setting.flag] = {
      type: setting.kind === 'boolean' ? 'boolean' : 'string',
      multiple: setting.kind === 'array',
    }
  }
  try {
    const { values, tokens } = parseArgs({ args: argv, options, strict: true, allowPositionals: false, tokens: true })
    const seen = new Set<string>()
    for (const token of tokens) {
      if (token.kind !== 'option' || options[token.name]?.multiple) continue
      if (seen.has(token.name)) throw new UsageError(`--${token.name} is given twice`)
      seen.add(token.name)
    }
    return new Map(Object.entries(values) as [string, Parsed][])
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof TypeError)) throw error
    // Node says the rest of its message for the author of a program, not for its user.
    throw new UsageError(error.message.split(/\.(?:\s|$)/, 1)[0] ?? error.message)
  }
}

const toNumber = (value: string) => (/^\d{1,16}$/.test(value) ? Number(value) : value)

function fromParsed(setting: Setting, value: Parsed): unknown {
  return setting.kind === 'number' && typeof value === 'string' ? toNumber(value) : value
}

function fromText(setting: Setting, value: string): unknown {
  if (setting.kind === 'number') return toNumber(value)
  if (setting.kind === 'array') return value.split(',').map((item) => item.trim())
  if (setting.kind === 'string') return value
  if (/^(1|true|yes|on)$/i.test(value)) return true
  if (/^(0|false|no|off)$/i.test(value)) return false
  throw new UsageError(`${setting.env} must be 1 or 0`)
}

function checkTogether(config: Config): void {
  const given = [config.password !== undefined, config.passwordFile !== undefined].filter(Boolean).length
  if (given === 2) throw new UsageError('--password-file and FAIRLEAD_PASSWORD exclude each other')
  if (config.noAuth && given > 0) throw new UsageError('--no-auth and a password exclude each other')
  if (config.noAuth && config.host)
    throw new UsageError('--no-auth and --host exclude each other: the host is never open')
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new UsageError('--tls-cert and --tls-key go together')
  }
  if (config.tlsSelfSigned && config.tlsCert !== undefined)
    throw new UsageError('--tls-self-signed and --tls-cert exclude each other')
  if (config.auditMust && config.auditFile === undefined) throw new UsageError('--audit-must needs --audit-file')
  if (config.metricsPort !== undefined && config.metricsPort > 0 && config.metricsPort === config.port)
    throw new UsageError('--metrics-port and --port must not be the same')
  const { webssh2HostKeys, webssh2Methods, webssh2Target, webssh2NoToken, webssh2Prompts, webssh2Replay } = config
  const rest = webssh2HostKeys !== 'keep' || webssh2Methods.length < methods.length || webssh2Target !== undefined
  if (!config.webssh2 && (rest || webssh2NoToken || webssh2Prompts || webssh2Replay))
    throw new UsageError('The options that begin with --webssh2- need --webssh2')
}

/** Whether the relay speaks TLS itself. */
export function speaksTls(config: Pick<Config, 'tlsCert' | 'tlsSelfSigned'>): boolean {
  return config.tlsCert !== undefined || config.tlsSelfSigned
}

/** Whether an address reaches this machine only. */
export function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
