import type { EndpointView } from '../model/endpoints.ts'
import type { TabView } from '../model/tabs.ts'

/** What went wrong with a session, as text for whoever is to help: no secret, and of the relay only its version. */
export function report(tab: TabView, relay: EndpointView | undefined): string {
  const failure = tab.session.failure.peek()
  const { target } = tab.record.peek()
  const lines = [
    `Fairlead report, ${new Date().toISOString()}`,
    `Host: ${target.host}, port ${target.port ?? 22}${target.jump.length ? `, through ${target.jump.length} hops` : ''}`,
    `Relay: ${relay ? `${relay.link.state.peek()}, version ${relay.link.hello.peek()?.version ?? 'unknown'}` : 'not known'}`,
    ...(failure?.steps ?? []).map((step) => `Passed ${step.phase} in ${Math.round(step.ms)} ms: ${step.found}`),
    failure && `Failed${failure.phase ? ` at ${failure.phase}` : ''}: ${failure.message} (${failure.code})`,
    `Browser: ${navigator.userAgent}`,
  ]
  return lines.filter(Boolean).join('\n')
}
