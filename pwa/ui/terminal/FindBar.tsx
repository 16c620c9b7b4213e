import { ArrowDown, ArrowUp, X } from 'lucide'
import { useEffect, useRef } from 'preact/hooks'
import { endFind } from '../../commands/end-find.ts'
import { findNext } from '../../commands/find-next.ts'
import { findPrevious } from '../../commands/find-previous.ts'
import type { Session } from '../../model/session.ts'
import { useDesk } from '../desk.ts'
import { IconButton } from '../kit/Button.tsx'
import './FindBar.css'

/** Searches what the terminal holds, newest first. */
export function FindBar({ session }: { session: Session }) {
  const desk = useDesk()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const text = desk.view.findText.value
  const results = session.screen.value?.findResults.value
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.preventDefault()
    if (event.key === 'Escape') void desk.run(endFind)
    else void desk.run(event.shiftKey ? findNext : findPrevious)
  }
  return (
    <search class="find-bar">
      <input
        ref={input}
        aria-label="Find in the terminal"
        placeholder="Find"
        spellcheck={false}
        autocomplete="off"
        autofocus
        value={text}
        onKeyDown={key}
        onInput={(event) => {
          desk.view.findText.value = event.currentTarget.value
          void desk.run(findPrevious)
        }}
      />
      <output>
        {text &&
          results &&
          (results.count ? `${results.index < 0 ? '?' : results.index + 1} of ${results.count}` : 'none')}
      </output>
      <IconButton icon={ArrowUp} name="Previous" keys="Enter" onClick={() => void desk.run(findPrevious)} />
      <IconButton icon={ArrowDown} name="Next" keys="Shift Enter" onClick={() => void desk.run(findNext)} />
      <IconButton icon={X} name="Close" keys="Esc" onClick={() => void desk.run(endFind)} />
    </search>
  )
}
