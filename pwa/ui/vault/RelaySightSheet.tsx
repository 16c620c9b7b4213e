import type { ComponentChildren } from 'preact'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import './Vault.css'

/** What a relay can see and do, and what it cannot, in plain words. */
export default function RelaySightSheet({ close }: { close(): void }) {
  const own = useDesk().app.endpoints.list.value.some((relay) => relay.own)
  return (
    <Dialog
      title="What a relay can see"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <Button kind="primary" type="submit" autofocus>
          Done
        </Button>
      }
    >
      <p>
        Browsers cannot open SSH connections, so a relay does it for them. The SSH connection ends in the relay; from
        there it is encrypted a second time, to your browser. Whoever runs the relay is therefore somebody you trust, to
        this extent:
      </p>
      <Part title="It never gets">
        <li>
          <b>Your private keys.</b> Logins with a key from “Keys and passwords” are signed here, in the browser.
        </li>
        <li>
          <b>A signature for another server.</b> Before it signs, the browser checks the whole key exchange against the
          host key that you have accepted. A relay that leads you elsewhere gets nothing.
        </li>
        <li>
          <b>What is saved here:</b> hosts, known hosts, settings and the vault stay in this browser.
        </li>
      </Part>
      <Part title="It sees, and could change">
        <li>
          <b>Everything inside an open session:</b> what you type and what is shown, also a password typed there; names
          and contents of files on their way.
        </li>
        <li>
          <b>Passwords and one-time codes for logging in.</b> It hands them to the server and forgets them; a dishonest
          one would not. A key is the better way.
        </li>
        <li>
          <b>Where you connect,</b> as whom, and when.
        </li>
      </Part>
      <Part title="A dishonest relay could">
        <li>do in an open session whatever you may do there: run commands, plant a key of its own, read files;</li>
        <li>
          show you the right host key and, where you log in by password, still talk to another server. With a key it
          cannot;
        </li>
        <li>go on using sessions that you left open there, until you end them;</li>
        <li>cut connections, hold data back, or say wrong times and sizes.</li>
      </Part>
      <Part title="What it cannot do afterwards">
        <li>
          Log in anew by itself where you log in with a key: each login needs a signature of this browser. If you typed
          a password through it, change that one.
        </li>
      </Part>
      <Part title="What you can do">
        <li>Run the relay yourself, on a machine that you trust as much as the servers behind it.</li>
        <li>Log in with keys, and compare fingerprints the first time.</li>
        <li>Give people a relay of their own: whoever knows its password shares its sessions.</li>
        {own && (
          <li>
            This page comes from a relay as well, which could serve another page one day. The browser extension does not
            depend on that.
          </li>
        )}
      </Part>
    </Dialog>
  )
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="plain-words">
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  )
}
