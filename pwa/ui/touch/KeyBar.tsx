import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, type IconNode, Keyboard } from 'lucide'
import { useLayoutEffect } from 'preact/hooks'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Icon } from '../kit/Icon.tsx'
import { controlCharacter, pressKey } from './press.ts'
import './KeyBar.css'

const keys: readonly { name: string; icon?: IconNode; key?: string; text?: string; hold?: 'ctrl' | 'alt' }[] = [
  { name: 'Esc', key: 'Escape' },
  { name: 'Tab', key: 'Tab' },
  { name: 'Ctrl', hold: 'ctrl' },
  { name: 'Alt', hold: 'alt' },
  { name: '|', text: '|' },
  { name: '/', text: '/' },
  { name: '~', text: '~' },
  { name: '-', text: '-' },
  { name: 'Left', icon: ArrowLeft, key: 'ArrowLeft' },
  { name: 'Down', icon: ArrowDown, key: 'ArrowDown' },
  { name: 'Up', icon: ArrowUp, key: 'ArrowUp' },
  { name: 'Right', icon: ArrowRight, key: 'ArrowRight' },
  { name: 'Home', key: 'Home' },
  { name: 'PgUp', key: 'PageUp' },
  { name: 'PgDn', key: 'PageDown' },
]

/** The keys that a touch keyboard lacks. Ctrl and Alt stay down for one key. */
export function KeyBar({ tab }: { tab: TabView }) {
  const { view } = useDesk()
  const held = view.held.value
  const terminal = () => document.querySelector<HTMLElement>(`#panel-${tab.id} .terminal-place textarea`)
  const release = () => {
    view.held.value = { ctrl: false, alt: false }
  }

  // Before anything can be typed: the next key is the one that is meant.
  useLayoutEffect(() => {
    if (!held.ctrl && !held.alt) return
    const typed = (event: InputEvent | KeyboardEvent) => {
      const text = event instanceof KeyboardEvent ? event.key : event.data
      if (event.target !== terminal() || text?.length !== 1) return
      event.preventDefault()
      event.stopImmediatePropagation()
      const sent = held.ctrl ? (controlCharacter(text) ?? text) : text
      tab.session.input(held.alt ? `\x1b${sent}` : sent)
      release()
    }
    // A touch keyboard tells the letter only with the input, a real one with the key.
    addEventListener('keydown', typed, { capture: true })
    addEventListener('beforeinput', typed, { capture: true })
    return () => {
      removeEventListener('keydown', typed, { capture: true })
      removeEventListener('beforeinput', typed, { capture: true })
    }
  })

  const press = ({ key, text, hold }: (typeof keys)[number]) => {
    if (hold) {
      view.held.value = { ...held, [hold]: !held[hold] }
      return
    }
    const element = terminal()
    if (text !== undefined) tab.session.input(held.alt ? `\x1b${text}` : text)
    else if (key !== undefined && element) pressKey(element, key, held)
    release()
  }
  return (
    <section aria-label="Keys that a touch keyboard lacks">
      <div class="key-bar" role="toolbar" aria-label="Keys">
        {keys.map((one) => (
          <button
            key={one.name}
            type="button"
            class="key"
            aria-label={one.icon ? one.name : undefined}
            aria-pressed={one.hold ? held[one.hold] : undefined}
            tabIndex={-1}
            // The terminal keeps the focus, or the touch keyboard would go away.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => press(one)}
          >
            {one.icon ? <Icon of={one.icon} /> : one.name}
          </button>
        ))}
        <button
          type="button"
          class="key"
          aria-label="Touch keyboard"
          tabIndex={-1}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            const element = terminal()
            if (document.activeElement === element) element?.blur()
            else element?.focus()
          }}
        >
          <Icon of={Keyboard} />
        </button>
      </div>
    </section>
  )
}
