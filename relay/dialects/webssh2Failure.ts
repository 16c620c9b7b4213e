import type { FailureCode, Refusal } from '../../shared/failure.ts'

type ErrorType = 'network' | 'timeout' | 'auth' | 'algorithm' | 'unknown'

const types: Partial<Record<FailureCode, ErrorType>> = {
  'target-denied': 'network',
  'name-not-found': 'network',
  'no-ssh-server': 'network',
  'server-disconnected': 'network',
  'login-refused': 'auth',
  'bad-private-key': 'auth',
  'bad-passphrase': 'auth',
  'login-timeout': 'timeout',
  'no-answer': 'timeout',
  'key-exchange-failed': 'algorithm',
  'old-algorithms': 'algorithm',
}

const titles: Record<ErrorType, string> = {
  network: 'Connection Failed',
  timeout: 'Connection Timeout',
  auth: 'Authentication Failed',
  algorithm: 'Algorithm Negotiation Failed',
  unknown: 'Connection Failed',
}

/** The payload of `connection-error`. Clients look at `errorType` and `canRetry`, and show the rest. */
export function connectionError(refusal: Refusal, host: string, port: number) {
  const errorType = types[refusal.code] ?? 'unknown'
  const { message, remedy, retry } = refusal.toFailure()
  const canRetry = errorType === 'auth' || errorType === 'timeout' || (errorType === 'unknown' && retry)
  return { errorType, title: titles[errorType], message: `${message}. ${remedy}`, host, port, canRetry }
}
