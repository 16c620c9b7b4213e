import { expect, it } from 'vitest'
import { EchoTime } from '../../../pwa/terminal/echoTime.ts'

it('a line is slow above 60 ms and until it is below 30', () => {
  let link: number | undefined
  const echo = new EchoTime(() => link)
  const slow = [undefined, 45, 61, 45, 30, 29, 45].map((roundTrip) => {
    link = roundTrip
    return echo.slow
  })
  expect(slow).toEqual([false, false, true, true, true, false, false])
})

it('a host that is far behind a near relay is known by its echoes, and by the quickest of the last five', () => {
  const echo = new EchoTime(() => 2)
  expect(echo.roundTrip).toBe(2)
  for (const ms of [150, 900, 170]) echo.measured(ms)
  expect([echo.roundTrip, echo.slow]).toEqual([150, true])
  for (const ms of [300, 310, 305]) echo.measured(ms)
  expect(echo.roundTrip).toBe(170)
  echo.measured(4)
  expect([echo.roundTrip, echo.slow]).toEqual([4, false])
})
