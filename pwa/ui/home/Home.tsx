import { ChevronRight } from 'lucide'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { readTarget } from '../../../shared/target.ts'
import { connect } from '../../commands/connect.ts'
import { openRelays } from '../../commands/open-relays.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Icon } from '../kit/Icon.tsx'
import { Keys } from '../kit/Keys.tsx'
import { BackupNote, NothingHere } from '../vault/BackupNote.tsx'
import { HeldNote } from './HeldNote.tsx'
import { HostList } from './HostList.tsx'
import { Reading } from './Reading.tsx'
import { RelayNotes } from './RelayNotes.tsx'
import './Home.css'

/** Where everything begins: one input, what it is understood as, and the hosts that are known. */
export function Home({ shown }: { shown: boolean }) {
  const desk = useDesk()
  const { app, view } = desk
  const input = useRef<HTMLInputElement>(null)
  const [chosen, choose] = useState<string>()
  const id = useId()
  const text = view.homeText.value
  const reading = readTarget(text)
  const relay = app.endpoints.list.value.find((one) => one.id === chosen) ?? app.endpoints.preferred.value

  useEffect(() => {
    // A touch keyboard would cover the hosts.
    if (shown && !matchMedia('(pointer: coarse)').matches) input.current?.focus()
  }, [shown])

  const go = () => {
    if (!reading.ok || !relay) return
    void desk.run(connect, { target: reading.target, endpointId: relay.id, ...view.launchOf(reading.target) })
  }
  return (
    <div class="home">
      <div class="home-middle">
        <h1>Where to?</h1>
        <p>
          A host, a pasted <code>ssh</code> command or a link.
        </p>
        <form
          class="home-ask"
          onSubmit={(event) => {
            event.preventDefault()
            go()
          }}
        >
          <Icon of={ChevronRight} />
          <input
            ref={input}
            class="mono"
            aria-label="Host, ssh command or link"
            aria-describedby={`${id}-reading`}
            placeholder="me@host"
            autocomplete="off"
            autocapitalize="none"
            autocorrect="off"
            spellcheck={false}
            enterkeyhint="go"
            value={text}
            data-focus="home"
            onInput={(event) => {
              view.homeText.value = event.currentTarget.value
            }}
          />
          <button type="submit" class="home-go" disabled={!reading.ok || !relay}>
            <span class="quiet">Connect</span>
            <Keys keys="Enter" />
            <Icon of={ChevronRight} />
          </button>
        </form>
        <Reading id={`${id}-reading`} text={text} reading={reading} relay={relay} choose={choose} />
        <RelayNotes />
        <HeldNote />
        <BackupNote />
        {app.endpoints.list.value.length === 0 ? (
          <div class="home-none">
            <p>A relay makes the connections. Start one with</p>
            <code>npx fairlead --host</code>
            <p>and add the address that it prints.</p>
            <Button kind="primary" onClick={() => void desk.run(openRelays, { add: true })}>
              Add a relay
            </Button>
          </div>
        ) : (
          <HostList />
        )}
        <NothingHere />
      </div>
    </div>
  )
}
