/** Bounds of the built-in host; what goes beyond one is refused, never queued without end. */
export interface HostLimits {
  /** TCP connections at once, logged in or not. */
  connections: number
  /** Connections that have not logged in yet. */
  pendingLogins: number
  /** Shells, commands, SFTP conversations and forwards that one connection may hold at once. */
  channelsPerConnection: number
  /** Open files and directories of one SFTP conversation. */
  openHandles: number
  /** Failed logins after which a connection is ended, as sshd's MaxAuthTries. */
  authenticationAttempts: number
  /** Milliseconds from accept to login, as sshd's LoginGraceTime. */
  loginGraceMs: number
  /** Milliseconds that a direct-tcpip dial may take. */
  dialMs: number
  /** Milliseconds between SIGHUP and SIGKILL when the host itself is closed. */
  hangUpMs: number
}

/** What holds where `HostOptions.limits` says nothing. */
export const defaultLimits: HostLimits = {
  connections: 256,
  pendingLogins: 32,
  channelsPerConnection: 128,
  openHandles: 256,
  authenticationAttempts: 6,
  loginGraceMs: 120_000,
  dialMs: 10_000,
  hangUpMs: 2_000,
}
