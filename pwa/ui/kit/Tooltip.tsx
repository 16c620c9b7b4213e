import { useEffect, useRef } from 'preact/hooks'
import './Tooltip.css'

/** Pointer rests this long, in milliseconds, before a tooltip shows; focus by key shows it at once. */
const rest = 500

/** The one tooltip of the window: it serves every element that has `data-tip`, and shows its `data-tip-keys`. */
export function Tooltip() {
  const tip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = tip.current
    if (!element) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const hide = () => {
      clearTimeout(timer)
      if (element.matches(':popover-open')) element.hidePopover()
    }
    const show = (target: HTMLElement) => {
      if (!target.isConnected) return
      const [text, keys] = element.children
      if (text) text.textContent = target.dataset.tip ?? ''
      if (keys) keys.textContent = target.dataset.tipKeys ?? ''
      element.showPopover()
      const at = target.getBoundingClientRect()
      const own = element.getBoundingClientRect()
      const below = at.bottom + 6 + own.height < innerHeight
      element.style.left = `${Math.max(8, Math.min(innerWidth - own.width - 8, at.left + (at.width - own.width) / 2))}px`
      element.style.top = `${below ? at.bottom + 6 : at.top - own.height - 6}px`
    }
    const tipped = (event: Event) =>
      event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null
    const over = (event: PointerEvent) => {
      hide()
      const target = tipped(event)
      if (target && event.pointerType === 'mouse') timer = setTimeout(() => show(target), rest)
    }
    const focus = (event: FocusEvent) => {
      const target = tipped(event)
      // Focus may come while another popover opens or closes, and then no other can.
      if (target?.matches(':focus-visible')) timer = setTimeout(() => show(target))
    }
    const ends = ['pointerdown', 'focusout', 'keydown', 'wheel'] as const
    addEventListener('pointerover', over)
    addEventListener('focusin', focus)
    for (const end of ends) addEventListener(end, hide, { capture: true, passive: true })
    return () => {
      hide()
      removeEventListener('pointerover', over)
      removeEventListener('focusin', focus)
      for (const end of ends) removeEventListener(end, hide, { capture: true })
    }
  }, [])
  return (
    <div ref={tip} popover="manual" class="tooltip" aria-hidden="true">
      <span />
      <span class="keys" />
    </div>
  )
}
