import { useEffect, useRef } from 'preact/hooks'
import type { Command } from '../../commands/command.ts'
import { fileMenu } from '../../commands/fileMenu.ts'
import { useDesk } from '../desk.ts'
import { Keys } from '../kit/Keys.tsx'
import type { Point } from './FileList.tsx'
import './FileMenu.css'

/** What can be done with what is chosen, at a point of the window. Arrows move; Esc and a press beside it close it. */
export default function FileMenu({ at, close }: { at: Point; close(): void }) {
  const desk = useDesk()
  const list = useRef<HTMLDivElement>(null)
  const groups = fileMenu.map((group) => group.filter((command) => desk.can(command))).filter((group) => group.length)

  useEffect(() => {
    const menu = list.current
    if (!menu) return
    const closed = (event: ToggleEvent) => event.newState === 'closed' && close()
    menu.showPopover()
    menu.addEventListener('toggle', closed)
    const { width, height } = menu.getBoundingClientRect()
    menu.style.left = `${Math.max(8, Math.min(at.x, innerWidth - width - 8))}px`
    menu.style.top = `${Math.max(8, Math.min(at.y, innerHeight - height - 8))}px`
    menu.querySelector<HTMLElement>('[role=menuitem]')?.focus()
    return () => menu.removeEventListener('toggle', closed)
  }, [at])
  const key = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
    const now = all.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key]
    if (event.key === 'Tab') event.preventDefault()
    if (to === undefined) return
    event.preventDefault()
    all.at(to % all.length)?.focus()
  }
  const run = (command: Command) => {
    list.current?.hidePopover()
    // After the focus has gone back, so that a command that moves it has the last word.
    queueMicrotask(() => void desk.run(command))
  }
  return (
    <div ref={list} popover="auto" class="menu file-menu" role="menu" aria-label="Files" onKeyDown={key} tabIndex={-1}>
      {groups.map((group, index) => [
        index > 0 && <hr key={`line ${index}`} />,
        ...group.map((command) => (
          <button key={command.id} type="button" role="menuitem" tabIndex={-1} onClick={() => run(command)}>
            <span>{desk.title(command)}</span>
            {desk.keys(command) && <Keys keys={desk.keys(command) ?? ''} />}
          </button>
        )),
      ])}
    </div>
  )
}
