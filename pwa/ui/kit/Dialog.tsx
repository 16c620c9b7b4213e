import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import './Dialog.css'

/**
 * A modal question on the native dialog element. Esc and the backdrop call `onClose`; the element that had the focus
 * gets it back. The first element with `autofocus` is the default.
 */
export function Dialog({
  title,
  shape = 'card',
  wide,
  cover,
  onClose,
  onSubmit,
  children,
  actions,
}: {
  title: string
  shape?: 'card' | 'alarm'
  wide?: boolean
  /** Hides everything behind it. */
  cover?: boolean
  onClose(): void
  onSubmit?(): void
  children: ComponentChildren
  actions?: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // A layout effect: it ends before what comes after the dialog, which may take the focus.
  useLayoutEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      element?.close()
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc, the keyboard's way, is the cancel event
    <dialog
      ref={dialog}
      class={`dialog ${shape}${wide ? ' wide' : ''}${cover ? ' cover' : ''}`}
      aria-labelledby={id}
      {...(shape === 'alarm' && { role: 'alertdialog' })}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current && shape === 'card') onClose()
      }}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit?.()
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        {actions && <div class="actions">{actions}</div>}
      </form>
    </dialog>
  )
}
