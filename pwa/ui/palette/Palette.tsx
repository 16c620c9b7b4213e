import { ChevronRight } from 'lucide'
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { useDesk } from '../desk.ts'
import { Dot } from '../kit/Dot.tsx'
import { Icon } from '../kit/Icon.tsx'
import { Keys } from '../kit/Keys.tsx'
import { matchItems, type PaletteMatch, pieces } from './choices.ts'
import { type Choice, choices } from './items.ts'
import './Palette.css'

/**
 * Commands, hosts and tabs by a few letters of their names; what reads as a host can be connected to.
 * @param typed what was typed before it was here
 */
export default function Palette({ typed, close }: { typed: { readonly current: string }; close(): void }) {
  const desk = useDesk()
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const [text, type] = useState(typed.current)
  const [at, go] = useState(0)
  const id = useId()
  const all = choices(desk, text)
  const found = useMemo(
    () =>
      matchItems(
        all.filter((item) => !item.always),
        text,
      ),
    [all, text],
  )
  const shown: PaletteMatch<Choice>[] = [
    ...found,
    ...all.filter((item) => item.always).map((item) => ({ item, marks: new Set<number>() })),
  ]
  const current = Math.min(at, shown.length - 1)

  // A layout effect: it ends before what the command shows, which may take the focus.
  useLayoutEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  // The current item is brought into sight when it changes.
  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [current, text])

  const run = (choice: Choice | undefined) => {
    if (!choice) return
    close()
    // After the focus has gone back, so that a command that moves it has the last word.
    queueMicrotask(() => choice.run())
  }
  const key = (event: KeyboardEvent) => {
    const moves: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: Math.min(shown.length - 1, current + 8),
      PageUp: Math.max(0, current - 8),
    }
    const move = moves[event.key]
    if (move !== undefined) {
      event.preventDefault()
      go((move + shown.length) % Math.max(1, shown.length))
    } else if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault()
      run(shown[current]?.item)
    }
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc, the keyboard's way, is the cancel event
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Search or run a command"
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="palette-ask">
        <Icon of={ChevronRight} />
        <input
          role="combobox"
          aria-label="Search or run a command"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={shown.length ? `${id}-${current}` : undefined}
          placeholder="Search or run a command"
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          autofocus
          value={text}
          onInput={(event) => {
            type(event.currentTarget.value)
            go(0)
          }}
          onKeyDown={key}
        />
      </div>
      {shown.length === 0 && (
        <p class="palette-none" role="status">
          Nothing is called that.
        </p>
      )}
      <div
        ref={list}
        id={`${id}-list`}
        class="palette-list"
        role="listbox"
        aria-label="Results"
        tabIndex={-1}
        hidden={shown.length === 0}
      >
        {shown.map(({ item, marks }, index) => (
          <div key={item.id} role="presentation">
            {item.group !== shown[index - 1]?.item.group && <h3 role="presentation">{item.group}</h3>}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the input takes the keys */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the input */}
            <div
              id={`${id}-${index}`}
              class="palette-item"
              role="option"
              aria-selected={index === current}
              onPointerMove={() => index !== current && go(index)}
              onClick={() => run(item)}
            >
              <span class="mark">{item.dot ? <Dot state={item.dot} /> : item.icon && <Icon of={item.icon} />}</span>
              <bdi class="title">
                {pieces(item.title, marks).map((piece, place) =>
                  piece.marked ? <b key={place}>{piece.text}</b> : <span key={place}>{piece.text}</span>,
                )}
              </bdi>
              {item.detail && <bdi class="detail">{item.detail}</bdi>}
              {item.keys && <Keys keys={item.keys} />}
            </div>
          </div>
        ))}
      </div>
    </dialog>
  )
}
