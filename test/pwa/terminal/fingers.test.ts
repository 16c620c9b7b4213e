import { beforeEach, expect, test, vi } from 'vitest'
import { followFingers } from '../../../pwa/terminal/fingers.ts'

const done: string[] = []
let element: EventTarget

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('requestAnimationFrame', () => 0)
  vi.stubGlobal('cancelAnimationFrame', () => undefined)
  vi.stubGlobal('matchMedia', () => ({ matches: true }))
  done.length = 0
  element = new EventTarget()
  const stop = followFingers(element as HTMLElement, {
    lineHeight: () => 20,
    scroll: (lines) => done.push(`scroll ${lines}`),
    fontSize: () => 13,
    zoom: () => undefined,
    select: () => done.push('select'),
    extend: () => done.push('extend'),
    end: () => done.push('end'),
    deselect: () => done.push('deselect'),
  })
  return () => {
    stop()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  }
})

/** One finger, at a height and at milliseconds of its own clock. */
function finger(type: 'touchstart' | 'touchmove' | 'touchend', clientY: number, timeStamp: number): void {
  const touch = { clientX: 100, clientY }
  const event = new Event(type, { cancelable: true })
  const touches = type === 'touchend' ? [] : [touch]
  for (const [name, value] of Object.entries({ touches, changedTouches: [touch], timeStamp }))
    Object.defineProperty(event, name, { value })
  element.dispatchEvent(event)
}

test('a finger that rests selects, and extends what it selected when it moves then', () => {
  finger('touchstart', 100, 0)
  vi.advanceTimersByTime(450)
  finger('touchmove', 140, 500)
  finger('touchend', 140, 600)
  expect(done).toEqual(['select', 'extend', 'end'])
})

test('a page that is held up does not take a finger that moved in time for one that rested', () => {
  finger('touchstart', 100, 0)
  vi.advanceTimersByTime(450)
  finger('touchmove', 140, 30)
  finger('touchmove', 160, 60)
  finger('touchend', 160, 200)
  expect(done).toEqual(['select', 'end', 'deselect', 'scroll -2', 'scroll -1'])
})
