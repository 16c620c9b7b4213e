import { useEffect, useState } from 'preact/hooks'
import type { App } from '../../app.ts'
import { exportData } from '../../commands/export-data.ts'
import { openVault } from '../../commands/open-vault.ts'
import { persisted } from '../../model/persistence.ts'
import { sealedIn } from '../../model/vault.ts'
import { useDesk } from '../desk.ts'
import { countText, dateText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import './Vault.css'

/** What is kept in this browser, where, and who could read it. */
export default function StorageSheet({ close }: { close(): void }) {
  const desk = useDesk()
  const { app } = desk
  const found = useFound(app)
  return (
    <Dialog
      title="What is kept in this browser"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <>
          <Button onClick={() => void desk.run(openVault)}>Vault</Button>
          {desk.can(exportData) && <Button onClick={() => void desk.run(exportData)}>Export a backup…</Button>}
          <Button kind="primary" type="submit" autofocus>
            Done
          </Button>
        </>
      }
    >
      <p>
        Nothing of it is on a relay. “Readable” means: for whoever can open this browser’s profile, or a copy of this
        disk that is not encrypted.
      </p>
      <dl class="kept">
        {rows(app).map(({ what, how }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{how}</dd>
          </div>
        ))}
        {found.aside > 0 && (
          <div>
            <dt>Damaged</dt>
            <dd>
              {countText(found.aside, 'record', 'records')} could not be read and {found.aside === 1 ? 'was' : 'were'}{' '}
              set aside. If something is missing, import a backup.
            </dd>
          </div>
        )}
        <div>
          <dt>How long</dt>
          <dd>{howLong(found.persisted)}</dd>
        </div>
        <div>
          <dt>Backup</dt>
          <dd>{backupText(app)}</dd>
        </div>
      </dl>
    </Dialog>
  )
}

function useFound(app: App): { persisted: boolean | undefined; aside: number } {
  const [found, show] = useState<{ persisted: boolean | undefined; aside: number }>({ persisted: undefined, aside: 0 })
  useEffect(() => {
    let shown = true
    void Promise.all([persisted(), app.store.aside()]).then(([kept, aside]) => {
      if (shown) show({ persisted: kept, aside: aside.length })
    })
    return () => {
      shown = false
    }
  }, [app])
  return found
}

/** Each kind of thing, how many there are, and how they are kept. Reads signals. */
function rows({ store, endpoints, identities, vault }: App): { what: string; how: string }[] {
  const list = identities.list.value
  const sealed = sealedIn(list)
  const device = list.filter(({ secret }) => secret.kind === 'device').length
  const asked = list.filter(({ secret }) => secret.kind === 'ask').length
  const keys = [
    sealed.length > 0 && `${sealed.length} in the vault, encrypted, ${vault.state.value} now`,
    device > 0 && `${device} kept by the browser: it gives none out, but signs for whoever opens it`,
    asked > 0 && `${asked} without their secret: you are asked each time`,
  ].filter(Boolean)
  const inVault = store.endpoints.items.value.filter(({ sealedToken }) => sealedToken).length
  const inClear = store.endpoints.items.value.filter(({ token }) => token).length
  const logins = [inVault > 0 && `${inVault} in the vault, encrypted`, inClear > 0 && `${inClear} readable`].filter(
    Boolean,
  )
  const { length: hosts } = store.hosts.items.value
  const { length: known } = store.knownHosts.items.value
  return [
    { what: 'Keys and passwords', how: keys.join('; ') || 'None. You are asked each time.' },
    { what: 'Logins to relays', how: logins.join('; ') || 'None' },
    {
      what: 'Hosts and relays',
      how: `${countText(hosts, 'host')} and ${countText(endpoints.list.value.length, 'relay')}, readable`,
    },
    { what: 'Known hosts', how: `${countText(known, 'entry', 'entries')}, readable; they are no secrets` },
    {
      what: 'Tabs',
      how: 'The last screen of each, readable, and a key to take its session up again, which the browser gives to nobody',
    },
    {
      what: 'Unsaved files',
      how: 'Texts of hosts that you have edited and not saved, readable, until you save them, at most 30 days',
    },
    { what: 'Settings', how: 'Readable' },
  ]
}

function howLong(kept: boolean | undefined): string {
  if (kept) return 'Until you remove it or clear this site’s data: the browser has promised not to clear it by itself.'
  return 'The browser may clear it by itself when space is short; Safari does after seven days without a visit, unless the app is on the home screen. Have a backup.'
}

function backupText({ settings }: App): string {
  const { backedUpAt } = settings.value.value
  return backedUpAt === undefined ? 'None yet' : `Exported ${dateText(new Date(backedUpAt), new Date())}`
}
