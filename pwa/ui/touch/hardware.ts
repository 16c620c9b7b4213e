import type { Signal } from '@preact/signals'

/** CSS pixels; an on-screen keyboard takes more, the bar of hints above a hardware keyboard less. */
const keyboardHeight = 120

/** What of a key press tells where it came from. */
export type Press = Pick<KeyboardEvent, 'isTrusted' | 'code' | 'key'>

/**
 * Whether a key was pressed on a keyboard that one can touch: those on a screen cover a part of it, or do not tell which
 * key it was. `covered` are CSS pixels. Pure.
 */
export function fromHardware({ isTrusted, code, key }: Press, covered: number): boolean {
  return isTrusted && code !== '' && code !== 'Unidentified' && key !== 'Unidentified' && covered < keyboardHeight
}

/** Keeps in `hardware` whether keys come from a hardware keyboard; a touch takes it back. Returns what ends it. */
export function followKeyboard(hardware: Signal<boolean>): () => void {
  const listening = new AbortController()
  const options = { signal: listening.signal, capture: true, passive: true }
  const seen = () => ({ width: innerWidth, height: visualViewport?.height ?? innerHeight })
  let largest = seen()
  const sized = () => {
    const now = seen()
    // Turned, or another window size: what was seen before says nothing.
    if (now.width !== largest.width || now.height > largest.height) largest = now
  }
  addEventListener('resize', sized, options)
  visualViewport?.addEventListener('resize', sized, options)
  addEventListener(
    'keydown',
    (event) => {
      if (fromHardware(event, largest.height - seen().height)) hardware.value = true
    },
    options,
  )
  addEventListener(
    'touchstart',
    () => {
      hardware.value = false
    },
    options,
  )
  return () => listening.abort()
}
