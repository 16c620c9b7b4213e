import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Holds what is typed until a dialog is there that has been asked for and is still being loaded: it is meant for that, and not
 * for what has the focus. The first characters of the dialog's field are in `current`.
 * @param load rejects where it cannot be loaded: then, and at Esc, it is closed
 */
export function useTypedAhead(load: () => Promise<unknown>, close: () => void): { readonly current: string } {
  const typed = useRef('')
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (document.querySelector('dialog[open]')) return
      event.preventDefault()
      event.stopImmediatePropagation()
      if (event.key === 'Escape') close()
      else if (event.key === 'Backspace') typed.current = typed.current.slice(0, -1)
      else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) typed.current += event.key
    }
    addEventListener('keydown', press, { capture: true })
    load().catch(close)
    return () => removeEventListener('keydown', press, { capture: true })
    // Asked for again it is another one that is to be closed.
  }, [close])
  return typed
}
