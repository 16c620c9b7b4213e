/** Where a session stands. The relay knows; the browser follows, and enters only `detached` by itself. */
export type SessionState = 'connecting' | 'prompting' | 'open' | 'detached' | 'closed'

/** What moves a session. `lost` is a socket gone, `taken` another socket's attach; `answered` closes the last open prompt. */
export type SessionStep = 'asked' | 'answered' | 'opened' | 'lost' | 'attached' | 'ended'

const steps: Record<SessionState, Partial<Record<SessionStep, SessionState>>> = {
  connecting: { asked: 'prompting', opened: 'open', lost: 'connecting', attached: 'connecting', ended: 'closed' },
  prompting: { answered: 'connecting', lost: 'prompting', attached: 'prompting', ended: 'closed' },
  open: { lost: 'detached', attached: 'open', ended: 'closed' },
  detached: { attached: 'open', ended: 'closed' },
  closed: {},
}

/** The state after a step, or undefined where the step is not possible; pure. */
export function next(state: SessionState, step: SessionStep): SessionState | undefined {
  return steps[state][step]
}
