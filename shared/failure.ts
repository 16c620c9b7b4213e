import * as v from 'valibot'

/** Where on the way from the browser to a shell a failure arose, in the order of the way. */
export const phases = ['relay', 'name', 'connection', 'key-exchange', 'host-key', 'login', 'shell', 'files'] as const
export type Phase = (typeof phases)[number]

interface FailureText {
  /** What happened, one sentence without a full stop. */
  title: string
  /** What a person can do about it. */
  remedy: string
  /** Whether the same request may succeed later, unchanged. */
  retry: boolean
}

/** Every foreseen failure, by code. A code never changes its meaning; the texts may. */
export const failures = {
  'bad-request': {
    title: 'The request is not well formed',
    remedy: 'Reload the app; it may be older than the relay.',
    retry: false,
  },
  'login-required': { title: 'This relay wants its password', remedy: 'Log in to the relay.', retry: false },
  'set-up-required': {
    title: 'This relay has no password yet',
    remedy: 'Set one with the code that the relay printed on its console.',
    retry: false,
  },
  'wrong-password': { title: 'The password is wrong', remedy: 'Check the password and try again.', retry: false },
  'weak-password': {
    title: 'The password must have 8 to 1,024 characters',
    remedy: 'Choose a longer one.',
    retry: false,
  },
  'password-set': {
    title: 'Somebody else has just changed the password',
    remedy: 'Log in with the password that now holds.',
    retry: false,
  },
  'password-needed': {
    title: 'A relay that others can reach must keep its password',
    remedy: 'Bind it to 127.0.0.1 first, or start it with --no-auth.',
    retry: false,
  },
  'origin-refused': {
    title: 'This page may not use the relay',
    remedy: 'Start the relay with --allow-origin and the address of the page, or pair it.',
    retry: false,
  },
  'too-many-requests': { title: 'Too many tries', remedy: 'Wait, then try again.', retry: true },
  'too-large': { title: 'The request is too large', remedy: 'Send less at once.', retry: false },
  'unsupported-type': {
    title: 'The request must be JSON',
    remedy: 'Send it with Content-Type: application/json.',
    retry: false,
  },
  'not-found': { title: 'There is nothing at this address', remedy: 'Check the address.', retry: false },
  draining: { title: 'The relay is shutting down', remedy: 'Try again when it has restarted.', retry: true },
  internal: { title: 'The relay made a mistake', remedy: 'Try again; its log has the details.', retry: true },
  'no-session': { title: 'There is no such session', remedy: 'Connect again.', retry: false },
  'session-exists': { title: 'A session with this id is open', remedy: 'Choose another session id.', retry: false },
  'session-state': {
    title: 'The session is not in a state for this',
    remedy: 'Wait until it is open, or connect again.',
    retry: false,
  },
  'too-many-sessions': {
    title: 'The relay holds as many sessions as it may',
    remedy: 'End a session, then try again.',
    retry: true,
  },
  'not-recorded': {
    title: 'The relay cannot record sessions, and so opens none',
    remedy: 'Tell who runs the relay: its disk may be full.',
    retry: true,
  },
  'too-many-handles': {
    title: 'The session has as many open files and listings as it may',
    remedy: 'Close some, then try again.',
    retry: true,
  },
  'attach-refused': { title: 'This browser may not take up the session', remedy: 'Connect again.', retry: false },
  'no-prompt': { title: 'The question is not open any more', remedy: 'Connect again.', retry: false },
  'target-denied': {
    title: 'The relay may not connect there',
    remedy: 'Ask who runs the relay, or allow the target with --allow.',
    retry: false,
  },
  'name-not-found': {
    title: 'The name of the host is not known',
    remedy: 'Check the spelling, or use an address.',
    retry: true,
  },
  'no-ssh-server': {
    title: 'No SSH server answers there',
    remedy: 'Check address and port, and that the host is up and reachable from the relay.',
    retry: true,
  },
  'key-exchange-failed': {
    title: 'Relay and server could not agree on keys',
    remedy: 'The server may only know algorithms that are no longer safe; update it.',
    retry: false,
  },
  'old-algorithms': {
    title: 'The server knows only algorithms that are no longer safe',
    remedy: 'Update the server, or allow old algorithms for this host, at the risk that goes with SHA-1.',
    retry: false,
  },
  'server-broke-protocol': {
    title: 'The server broke the protocol',
    remedy: 'The connection was ended to protect the relay. Check what listens there.',
    retry: false,
  },
  'host-key-refused': {
    title: 'The host key was not accepted',
    remedy: 'Nothing was sent. Compare the fingerprint with the owner of the server.',
    retry: false,
  },
  'host-key-changed': {
    title: 'The host key has changed',
    remedy: 'Nothing was sent. If the server was reinstalled, forget the old key first.',
    retry: false,
  },
  'no-answer': {
    title: 'The question was not answered in time',
    remedy: 'Connect again and answer within the time that the dialog shows.',
    retry: true,
  },
  'bad-private-key': {
    title: 'The private key cannot be read',
    remedy: 'Use an OpenSSH, PEM or PuTTY v2 private key.',
    retry: false,
  },
  'bad-passphrase': {
    title: 'The passphrase does not open the private key',
    remedy: 'Check the passphrase.',
    retry: false,
  },
  'login-refused': { title: 'The server refused the login', remedy: 'Check user name, password or key.', retry: false },
  'login-timeout': { title: 'The login took too long', remedy: 'Try again.', retry: true },
  'server-disconnected': {
    title: 'The server ended the connection',
    remedy: 'Try again; the server or the network may have restarted.',
    retry: true,
  },
  'shell-refused': {
    title: 'The server gave no shell',
    remedy: 'The account may be for files only: open its files, or ask its owner.',
    retry: false,
  },
  'sftp-refused': {
    title: 'The server gave no SFTP',
    remedy: 'Its owner can turn on the sftp subsystem.',
    retry: false,
  },
  'sudo-password': {
    title: 'The password was not taken by sudo',
    remedy: 'Type the password of your own account there, as you would for sudo in the shell.',
    retry: false,
  },
  'sudo-refused': {
    title: 'This account may not have the files as root',
    remedy: 'Ask who runs the host: the account needs the right to run its sftp-server as root.',
    retry: false,
  },
  'sudo-terminal': {
    title: 'The host lets sudo run only in a terminal',
    remedy: 'Its owner can take requiretty out of the sudoers file.',
    retry: false,
  },
  'no-sudo': { title: 'The host has no sudo', remedy: 'Log in as root, if that is allowed there.', retry: false },
  'no-sftp-server': {
    title: 'The host has no sftp-server that could be run as root',
    remedy: 'Its owner can install that of OpenSSH.',
    retry: false,
  },
  'no-such-file': { title: 'There is no such file or folder', remedy: 'Check the path.', retry: false },
  'permission-denied': { title: 'Permission denied', remedy: 'Log in as a user who may.', retry: false },
  'sftp-failure': {
    title: 'The server could not do it',
    remedy: 'Check that the path is what the request needs, and that there is space.',
    retry: false,
  },
  'sftp-unsupported': { title: 'The server cannot do this', remedy: 'Use another way.', retry: false },
  'file-exists': { title: 'There is a file of that name already', remedy: 'Choose another name.', retry: false },
  'not-empty': { title: 'The folder is not empty', remedy: 'Delete what is in it first.', retry: false },
  'no-space': {
    title: 'There is no space left on the server',
    remedy: 'Delete what is not needed there, then try again.',
    retry: false,
  },
  'read-only': { title: 'The files there can only be read', remedy: 'Choose another place.', retry: false },
  'bad-reply': {
    title: 'The server broke the file protocol',
    remedy: 'The files were closed to protect the relay. Open them again, or check what listens there.',
    retry: true,
  },
  'no-handle': { title: 'The file is not open any more', remedy: 'Open it again.', retry: true },
  'changed-meanwhile': {
    title: 'The file was changed by somebody else meanwhile',
    remedy: 'Look at it again, then decide.',
    retry: false,
  },
  'wrong-size': {
    title: 'The file does not have the size that it should',
    remedy: 'Try again; nothing was put in place.',
    retry: true,
  },
} as const satisfies Record<string, FailureText>

export type FailureCode = keyof typeof failures
export const failureCodes = Object.keys(failures) as FailureCode[]

/** What goes over the wire when something foreseen went wrong. `message` is a whole sentence and holds no secret. */
export const Failure = v.object({
  message: v.string(),
  code: v.picklist(failureCodes),
  remedy: v.string(),
  retry: v.boolean(),
  phase: v.optional(v.picklist(phases)),
  /** What the server said of it, made fit to be shown, at most 200 UTF-16 units. */
  said: v.optional(v.string()),
})
export type Failure = v.InferOutput<typeof Failure>

/** A foreseen failure on its way to whoever asked; `dispatch` and the HTTP routes turn it into an answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: FailureCode
  readonly phase: Phase | undefined
  /** What the server said of it, made fit to be shown. */
  readonly said: string | undefined

  /** @param detail replaces the title as message; never put a secret or a server's raw bytes into it */
  constructor(
    code: FailureCode,
    options: { phase?: Phase; detail?: string; said?: string | undefined; cause?: unknown } = {},
  ) {
    super(options.detail ?? failures[code].title, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.phase = options.phase
    this.said = options.said
  }

  /** The wire form. */
  toFailure(): Failure {
    const { remedy, retry } = failures[this.code]
    const { code, message, phase, said } = this
    return { message, code, remedy, retry, ...(phase && { phase }), ...(said && { said }) }
  }
}
