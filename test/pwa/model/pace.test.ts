import { expect, it } from 'vitest'
import { Pace } from '../../../pwa/model/pace.ts'

/** Renders so many bytes in steps of `ms` that each render `bytes`. */
function render(pace: Pace, steps: number, ms: number, bytes: number, roundTrip = 0) {
  for (let step = 0; step < steps; step++) pace.rendered(bytes, true, roundTrip, (step + 1) * ms)
}

it('asks for what a fast screen can take, up to the bound', () => {
  const pace = new Pace()
  expect(pace.window).toBe(512 * 1024)
  render(pace, 100, 1, 64 * 1024)
  expect(pace.window).toBe(512 * 1024)
})

it('asks a slow screen for a moment of its rate, and for what a long way keeps busy', () => {
  const near = new Pace()
  // 4 MiB a second: 50 ms of it are 210 KB.
  render(near, 100, 16, 64 * 1024)
  expect(near.window).toBe(208 * 1024)
  const far = new Pace()
  render(far, 100, 16, 64 * 1024, 50)
  expect(far.window).toBe(416 * 1024)
})

it('never asks for so little that the stream stands still', () => {
  const pace = new Pace()
  render(pace, 100, 1000, 1024)
  expect(pace.window).toBe(64 * 1024)
})

it('does not count the time in which there was nothing to render', () => {
  const pace = new Pace()
  for (let step = 0; step < 100; step++) pace.rendered(10, false, 0, step * 1000)
  expect(pace.window).toBe(512 * 1024)
})
