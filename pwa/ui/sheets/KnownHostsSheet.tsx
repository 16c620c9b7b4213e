import { Download, EllipsisVertical, FileInput, ShieldOff, Trash } from 'lucide'
import { useEffect, useRef, useState } from 'preact/hooks'
import { exportKnownHosts } from '../../commands/export-known-hosts.ts'
import { forgetKnownHost } from '../../commands/forget-known-host.ts'
import { forgetKnownKey } from '../../commands/forget-known-key.ts'
import { importKnownHosts } from '../../commands/import-known-hosts.ts'
import { revokeHostKey } from '../../commands/revoke-host-key.ts'
import { showKnownHosts } from '../../commands/show-known-hosts.ts'
import { fileName, isHashed, placeOf } from '../../model/knownHostsName.ts'
import type { KnownHost, KnownKey } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import { hostText } from '../format.ts'
import { useFingerprint } from '../identities/useFingerprint.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { Field } from '../kit/Field.tsx'
import { Menu } from '../kit/Menu.tsx'
import { keyTypeText } from '../prompts/keyType.ts'
import KnownHostsImport from './KnownHostsImport.tsx'
import './KnownHostsSheet.css'

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
/** Hosts from which on there is something to search, and hosts that are shown at once. */
const list = { searched: 6, shown: 100 } as const

/** The hosts whose keys are known in this browser, and the ways in and out of OpenSSH's file. */
export default function KnownHostsSheet({ read, close }: { read: boolean; close(): void }) {
  const desk = useDesk()
  const [wanted, want] = useState('')
  if (read) return <KnownHostsImport cancel={() => void desk.run(showKnownHosts)} />
  const all = desk.app.knownHosts.list.value.map((host) => ({ host, name: nameOf(host) }))
  const words = wanted.toLowerCase().split(/\s+/)
  const found = all
    .filter(({ host, name }) => words.every((word) => textOf(host, name).includes(word)))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
  return (
    <Dialog
      title="Known hosts"
      wide
      onClose={close}
      onSubmit={close}
      actions={
        <>
          <Button icon={FileInput} onClick={() => void desk.run(importKnownHosts)}>
            Import…
          </Button>
          {desk.can(exportKnownHosts) && (
            <Button icon={Download} onClick={() => void desk.run(exportKnownHosts)}>
              Export
            </Button>
          )}
          <Button kind="primary" type="submit" autofocus={all.length < list.searched}>
            Done
          </Button>
        </>
      }
    >
      <p>
        {all.length
          ? 'If one of them shows another key, nothing is sent to it. A host that is forgotten is asked about again.'
          : 'None yet. A host is remembered when you first trust its key.'}
      </p>
      {all.length >= list.searched && (
        <Field
          label="Find by name, type or comment"
          autofocus
          autocapitalize="none"
          spellcheck={false}
          value={wanted}
          onInput={(event) => want(event.currentTarget.value)}
        />
      )}
      {found.length > 0 ? (
        <ul class="known-hosts">
          {found.slice(0, list.shown).map(({ host, name }) => (
            <Host key={host.id} host={host} name={name} />
          ))}
        </ul>
      ) : (
        all.length > 0 && <p role="status">None of {all.length.toLocaleString()} fits.</p>
      )}
      {found.length > list.shown && (
        <p role="status">{(found.length - list.shown).toLocaleString()} more: find them by name.</p>
      )}
    </Dialog>
  )
}

/** What a record is about, as a person reads it. */
function nameOf({ id, line }: KnownHost): string {
  if (line) return isHashed(line.hosts) ? 'A host whose name is hashed' : line.hosts
  const place = placeOf(id)
  return place ? fileName({ ...place, host: hostText(place.host) }) : id
}

function textOf({ keys, line }: KnownHost, name: string): string {
  return [name, line?.marker ?? '', ...keys.map(({ type, comment = '' }) => `${keyTypeText(type)} ${type} ${comment}`)]
    .join(' ')
    .toLowerCase()
}

const markers = {
  revoked: 'Revoked: never to be trusted',
  'cert-authority': 'Certificate authority: kept for export, not used',
}

function Host({ host, name }: { host: KnownHost; name: string }) {
  const desk = useDesk()
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    const item = row.current
    const dialog = item?.closest('dialog')
    // Where a row goes the focus must not go with it.
    return () => {
      if (item?.contains(document.activeElement)) dialog?.querySelector<HTMLElement>('button[type=submit]')?.focus()
    }
  }, [])
  const { id, keys, line } = host
  const endpointId = placeOf(id)?.endpointId
  const relay =
    endpointId === undefined ? undefined : (desk.app.endpoints.view(endpointId)?.label ?? 'that was forgotten')
  return (
    <li ref={row} class={line?.marker === 'revoked' ? 'revoked' : undefined}>
      <div class="known-host">
        <b class={line && isHashed(line.hosts) ? undefined : 'mono'}>
          <bdi>{name}</bdi>
        </b>
        {relay !== undefined && <span>behind relay {relay}</span>}
        {line?.marker && <span class="marker">{markers[line.marker]}</span>}
      </div>
      <IconButton icon={Trash} name={`Forget ${name}`} onClick={() => void desk.run(forgetKnownHost, id)} />
      <ul>
        {keys.map((one) => (
          <Key key={one.key} id={id} of={one} revocable={line?.marker === undefined} />
        ))}
      </ul>
    </li>
  )
}

function Key({ id, of, revocable }: { id: string; of: KnownKey; revocable: boolean }) {
  const desk = useDesk()
  const { type, key, comment } = of
  const items = [
    { text: 'Forget this key', icon: Trash, run: () => void desk.run(forgetKnownKey, { id, key }) },
    { text: 'Revoke this key for every host', icon: ShieldOff, run: () => void desk.run(revokeHostKey, { type, key }) },
  ]
  return (
    <li>
      <div class="known-key">
        <span>
          <b>{keyTypeText(type)}</b> {useFacts(of).join(' · ')}
        </span>
        <code>{useFingerprint(key)}</code>
        {comment && <bdi>{comment}</bdi>}
      </div>
      {revocable && <Menu name={`${keyTypeText(type)} key`} icon={EllipsisVertical} items={items} />}
    </li>
  )
}

function useFacts({ from, endpointId, addedAt, absentSince, bound }: KnownKey): string[] {
  const { app } = useDesk()
  const relay = endpointId === undefined ? undefined : (app.endpoints.view(endpointId)?.label ?? 'that was forgotten')
  const through = relay === undefined ? '' : ` through relay ${relay}`
  const how = { person: 'since', file: 'from a file,', announced: 'announced' }[from ?? 'person']
  return [
    `${how} ${day.format(addedAt)}${through}`,
    ...(from === 'announced' && !bound ? ['asked about when it is first shown'] : []),
    ...(absentSince === undefined ? [] : [`no longer announced since ${day.format(absentSince)}`]),
  ]
}
