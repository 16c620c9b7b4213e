import type { EndpointView } from '../model/endpoints.ts'
import type { LinkState } from '../model/link.ts'
import { durationText } from './format.ts'
import type { DotState } from './kit/Dot.tsx'

const dots: Record<LinkState, DotState> = {
  connecting: 'busy',
  online: 'ok',
  offline: 'busy',
  'login-required': 'warn',
  refused: 'bad',
}

/** The dot of a relay. Reads signals. */
export function relayDot({ link }: EndpointView): DotState {
  return dots[link.state.value]
}

/** How a relay stands, in a word or two: its round trip while it is online. Reads signals. */
export function relayStateText({ link }: EndpointView): string {
  switch (link.state.value) {
    case 'online':
      return link.roundTrip.value === undefined ? 'online' : durationText(link.roundTrip.value)
    case 'connecting':
      return 'connecting'
    case 'offline':
      return 'not reachable, trying again'
    case 'login-required':
      return link.failure.value?.code === 'set-up-required' ? 'to be set up' : 'wants its password'
    case 'refused':
      return 'refused'
  }
}
