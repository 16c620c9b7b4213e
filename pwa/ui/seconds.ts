import { useEffect, useState } from 'preact/hooks'

/** The steady clock in milliseconds, read again every second while shown: neither a sleep nor a wrong date turns it back. */
export function useSteadyNow(): number {
  const [now, tick] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => tick(performance.now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return now
}
