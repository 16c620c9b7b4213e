import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon, type IconNode } from './Icon.tsx'
import { Keys } from './Keys.tsx'
import './Menu.css'

/** One line of a menu; `checked` makes it one that can be on or off. */
export interface MenuItem {
  /** Where texts may be the same: what tells it from the others. */
  id?: string
  text: string
  icon?: IconNode
  keys?: string | undefined
  checked?: boolean
  run(): void
}

/** A button that opens a short list of what can be done; arrows move, Esc and a click beside it close it. */
export function Menu({ name, icon, items }: { name: string; icon: IconNode; items: readonly MenuItem[] }) {
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const menu = list.current
    const opener = button.current
    if (!menu || !opener) return
    const place = (event: ToggleEvent) => {
      opener.setAttribute('aria-expanded', String(event.newState === 'open'))
      if (event.newState !== 'open') return
      const at = opener.getBoundingClientRect()
      const own = menu.getBoundingClientRect()
      menu.style.left = `${Math.max(8, Math.min(at.right - own.width, innerWidth - own.width - 8))}px`
      menu.style.top = `${at.bottom + own.height + 12 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - own.height - 4)}px`
      menu.querySelector<HTMLElement>('[role^=menuitem]')?.focus()
    }
    menu.addEventListener('toggle', place)
    return () => menu.removeEventListener('toggle', place)
  }, [])
  const step = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by) return
    event.preventDefault()
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
    const now = all.indexOf(document.activeElement as HTMLElement)
    all.at((now + by) % all.length)?.focus()
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-button"
        aria-label={name}
        aria-haspopup="menu"
        aria-expanded="false"
        data-tip={name}
        popovertarget={id}
      >
        <Icon of={icon} />
      </button>
      <div ref={list} id={id} popover="auto" class="menu" role="menu" aria-label={name} onKeyDown={step} tabIndex={-1}>
        {items.map((item) => (
          <button
            key={item.id ?? item.text}
            type="button"
            {...(item.checked === undefined
              ? { role: 'menuitem' as const }
              : { role: 'menuitemcheckbox' as const, 'aria-checked': item.checked })}
            tabIndex={-1}
            onClick={() => {
              list.current?.hidePopover()
              item.run()
            }}
          >
            {item.icon ? <Icon of={item.icon} /> : <span class="mark">{item.checked ? '✓' : ''}</span>}
            <span>{item.text}</span>
            {item.keys && <Keys keys={item.keys} />}
          </button>
        ))}
      </div>
    </>
  )
}
