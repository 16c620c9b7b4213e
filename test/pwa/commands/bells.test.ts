import { signal } from '@preact/signals'
import { expect, test } from 'vitest'
import { followBells } from '../../../pwa/commands/bells.ts'

const tab = (id: string) => ({ id, session: { bell: signal(0) } })

test('a bell marks its tab until that is looked at, and never the one in front', () => {
  const [one, two] = [tab('one'), tab('two')]
  const tabs = signal([one, two])
  const active = signal<string | undefined>('one')
  const rung = signal<ReadonlySet<string>>(new Set())
  const stop = followBells({ tabs, active }, rung)

  one.session.bell.value++
  expect([...rung.value]).toEqual([])
  two.session.bell.value++
  two.session.bell.value++
  expect([...rung.value]).toEqual(['two'])
  active.value = 'two'
  expect([...rung.value]).toEqual([])
  active.value = undefined
  expect([...rung.value]).toEqual([])
  one.session.bell.value++
  expect([...rung.value]).toEqual(['one'])
  tabs.value = [two]
  expect([...rung.value]).toEqual([])

  stop()
  two.session.bell.value++
  expect([...rung.value]).toEqual([])
})

test('a tab that opens has not rung, whatever its session counts', () => {
  const tabs = signal<ReturnType<typeof tab>[]>([])
  const rung = signal<ReadonlySet<string>>(new Set())
  const stop = followBells({ tabs, active: signal(undefined) }, rung)
  const late = tab('late')
  late.session.bell.value = 3
  tabs.value = [late]
  expect([...rung.value]).toEqual([])
  stop()
})
