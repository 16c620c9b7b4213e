import { useMemo } from 'preact/hooks'
import type { OpenPrompt } from '../../model/prompts.ts'
import { useSteadyNow } from '../seconds.ts'
import './TimeLeft.css'

/** How long the relay waits for the answer; the server may have less patience. For the actions of a dialog. */
export function TimeLeft({ prompt: { expiresAt } }: { prompt: OpenPrompt }) {
  const now = useSteadyNow()
  const end = useMemo(() => performance.now() + expiresAt - Date.now(), [expiresAt])
  const left = Math.max(0, Math.round((end - now) / 1000))
  if (!Number.isFinite(left)) return null
  return (
    <span class="time-left" role="timer">
      {left > 99 ? `${Math.ceil(left / 60)} min` : `${left} s`} to answer
    </span>
  )
}
