import { Copy } from 'lucide'
import { useEffect, useState } from 'preact/hooks'
import { isLocal } from '../../model/endpoints.ts'
import { type AppFailure, failureOf } from '../../model/failure.ts'
import { HAND_OFF_MS } from '../../model/handOff.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { QrCode } from '../kit/QrCode.tsx'
import './HandOffSheet.css'

type Offer = { link: string } | { failure: AppFailure } | 'over' | undefined

/** A code and a link by which another device takes up the session of a tab. */
export default function HandOffSheet({ tab, close }: { tab: TabView; close(): void }) {
  const { app } = useDesk()
  const [offer, show] = useState<Offer>()
  const [round, again] = useState(0)
  useEffect(() => {
    let stale = false
    const say = (offer: Offer) => {
      if (!stale) show(offer)
    }
    say(undefined)
    app.heldSessions.offer(tab).then(
      (link) => say({ link }),
      (error) => say({ failure: failureOf(error) }),
    )
    const over = setTimeout(() => say('over'), HAND_OFF_MS)
    return () => {
      stale = true
      clearTimeout(over)
    }
  }, [app, tab, round])
  const gone = tab.session.takenElsewhere.value
  return (
    <Dialog
      title={gone ? 'The session goes on there' : 'Continue on another device'}
      onClose={close}
      onSubmit={close}
      actions={
        <>
          {!gone && offer === 'over' && <Button onClick={() => again(round + 1)}>New link</Button>}
          <Button kind="primary" type="submit" autofocus>
            Done
          </Button>
        </>
      }
    >
      {gone ? (
        <p>The other device has it now. It can be taken back here at any time.</p>
      ) : (
        <Offered offer={offer} url={tab.session.link?.url} />
      )}
    </Dialog>
  )
}

function Offered({ offer, url }: { offer: Offer; url: string | undefined }) {
  if (offer === undefined) return <p role="status">Making a link…</p>
  if (offer === 'over') return <p role="status">The link has run out. Nobody can use it any more.</p>
  if ('failure' in offer) return <p role="alert">{`${offer.failure.message}. ${offer.failure.remedy}`}</p>
  return (
    <>
      <p>
        Scan this with the other device, or open the link there. It works once, within five minutes, on a device that is
        or gets logged in to the relay.
      </p>
      {url !== undefined && isLocal(url) && (
        <p>This relay listens on this machine only: the link works in another browser here, not on another device.</p>
      )}
      <QrCode text={offer.link} name="QR code of the link below" />
      <Link key={offer.link} link={offer.link} />
    </>
  )
}

function Link({ link }: { link: string }) {
  const [copied, say] = useState<boolean>()
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => say(true),
      () => say(false),
    )
  return (
    <div class="hand-off-link">
      <Field
        label="Link"
        mono
        readonly
        value={link}
        error={copied === false ? 'The browser did not allow copying. Copy it from here.' : undefined}
        onFocus={(event) => event.currentTarget.select()}
        spellcheck={false}
      />
      <Button icon={Copy} onClick={() => void copy()}>
        <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
      </Button>
    </div>
  )
}
