import type { Phase } from '../../../shared/failure.ts'
import type { Step } from '../../../shared/protocol.ts'
import type { AppFailure } from '../../model/failure.ts'

const stepNames: Record<Phase, string> = {
  relay: 'Relay',
  name: 'Name found',
  connection: 'Connected',
  'key-exchange': 'Keys exchanged',
  'host-key': 'Host key known',
  login: 'Logged in',
  shell: 'Shell',
  files: 'Files',
}

/** A step that was passed, with what was found on it. */
export function stepText({ phase, found }: Step): string {
  return found ? `${stepNames[phase]}: ${found}` : stepNames[phase]
}

/** What could not be done, as a heading. */
export function failureTitle({ phase }: AppFailure, host: string): string {
  switch (phase) {
    case 'relay':
      return 'Could not reach the relay'
    case 'name':
    case 'connection':
      return `Could not reach ${host}`
    case 'key-exchange':
    case 'host-key':
      return `No safe connection to ${host}`
    case 'login':
      return `Could not log in to ${host}`
    case 'shell':
      return `No shell on ${host}`
    default:
      return `Could not connect to ${host}`
  }
}
