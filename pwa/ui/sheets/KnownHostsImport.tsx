import { FileInput } from 'lucide'
import { useMemo, useRef, useState } from 'preact/hooks'
import { mergeKnownHosts } from '../../commands/merge-known-hosts.ts'
import { fileBounds, readKnownHosts } from '../../model/knownHostsFile.ts'
import { type Addition, type Conflict, mergeOf } from '../../model/knownHostsMerge.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { useFingerprint } from '../identities/useFingerprint.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { keyTypeText } from '../prompts/keyType.ts'
import './KnownHostsImport.css'

/** Lines of one kind that are named. */
const NAMED = 50

/** Reads a `known_hosts` file and says what that would change, before it does. */
export default function KnownHostsImport({ cancel }: { cancel(): void }) {
  const desk = useDesk()
  const { app } = desk
  const [text, setText] = useState('')
  const [name, setName] = useState<string>()
  const [replace, choose] = useState<ReadonlySet<Conflict>>(new Set())
  const known = app.knownHosts.list.value
  const file = useMemo(() => readKnownHosts(text), [text])
  const merge = useMemo(() => mergeOf(file, known), [file, known])
  const chosen = new Set(merge.conflicts.filter((conflict) => replace.has(conflict)))
  const count = merge.added.length + chosen.size
  const toggle = (conflict: Conflict) => {
    const next = new Set(chosen)
    if (!next.delete(conflict)) next.add(conflict)
    choose(next)
  }
  return (
    <Dialog
      title="Import known hosts"
      wide
      onClose={cancel}
      onSubmit={() => void (count > 0 && desk.run(mergeKnownHosts, { merge, replace: chosen }))}
      actions={
        <>
          <Button onClick={cancel}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={count === 0}>
            {count === 0 ? 'Take in' : `Take in ${countText(count, 'key')}`}
          </Button>
        </>
      }
    >
      <p>
        OpenSSH keeps its file at <code>~/.ssh/known_hosts</code>. Nothing is changed before you have seen what is in
        it.
      </p>
      <Source
        text={text}
        name={name}
        take={(taken, from) => {
          setText(taken)
          setName(from)
        }}
      />
      {text.trim() !== '' && (
        <div class="merge" role="status">
          <Found title={`${countText(merge.added.length, 'new key')}`} of={merge.added} />
          {merge.conflicts.length > 0 && (
            <section>
              <h3 class="warns">{countText(merge.conflicts.length, 'host')} known by another key</h3>
              <p>Tick one to forget the known key for that of the file. Ask its owner first: both cannot be right.</p>
              <ul>
                {merge.conflicts.slice(0, NAMED).map((conflict) => (
                  <Differs
                    key={`${conflict.id} ${conflict.entry.key}`}
                    conflict={conflict}
                    chosen={chosen.has(conflict)}
                    toggle={() => toggle(conflict)}
                  />
                ))}
                <More of={merge.conflicts.length} />
              </ul>
            </section>
          )}
          {merge.same > 0 && <p>{countText(merge.same, 'key')} known already.</p>}
          <Found title={`${countText(merge.revoked.length, 'key')} left out: revoked here`} of={merge.revoked} />
          <Found
            title={`${countText(merge.local.length, 'key')} left out: loopback is another machine behind each relay`}
            of={merge.local}
          />
          {file.bad.length > 0 && (
            <section>
              <h3 class="warns">{countText(file.bad.length, 'line')} that cannot be read</h3>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list must be scrollable by key */}
              <ul tabIndex={0}>
                {file.bad.slice(0, NAMED).map(({ line, text: words, why }) => (
                  <li key={line}>
                    <span>
                      Line {line}: {why}
                    </span>
                    <code>{words}</code>
                  </li>
                ))}
                <More of={file.bad.length} />
              </ul>
            </section>
          )}
          {file.comments > 0 && <p>{countText(file.comments, 'line')} of comment left out.</p>}
        </div>
      )}
    </Dialog>
  )
}

/** The text of a file: chosen, dropped or pasted. */
function Source({
  text,
  name,
  take,
}: {
  text: string
  /** Of the file that the text is from. */
  name: string | undefined
  take(text: string, name?: string): void
}) {
  const picker = useRef<HTMLInputElement>(null)
  const read = async (of: File | undefined) => {
    // What is cut off is told as a line that was not read.
    if (of) take(await of.slice(0, fileBounds.text + 1).text(), of.name)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a larger mark for the button in it, by mouse only
    <div
      class="known-hosts-source"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        if (!event.dataTransfer?.files[0]) return
        event.preventDefault()
        void read(event.dataTransfer.files[0])
      }}
    >
      <div>
        <Button icon={FileInput} onClick={() => picker.current?.click()} autofocus>
          {name === undefined ? 'Choose a file' : 'Choose another'}
        </Button>
        <span>{name ?? 'or drop it here, or paste its lines:'}</span>
      </div>
      <input
        ref={picker}
        type="file"
        hidden
        aria-label="File of known hosts"
        onChange={(event) => {
          void read(event.currentTarget.files?.[0])
          event.currentTarget.value = ''
        }}
      />
      {name === undefined && (
        <textarea
          class="input mono"
          aria-label="Lines of known_hosts"
          rows={4}
          spellcheck={false}
          autocapitalize="none"
          autocomplete="off"
          value={text}
          onInput={(event) => take(event.currentTarget.value)}
        />
      )}
    </div>
  )
}

function Found({ title, of }: { title: string; of: readonly Addition[] }) {
  if (of.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list must be scrollable by key */}
      <ul tabIndex={0}>
        {of.slice(0, NAMED).map((one) => (
          <Line key={`${one.hosts} ${one.entry.key}`} of={one} />
        ))}
        <More of={of.length} />
      </ul>
    </section>
  )
}

function More({ of }: { of: number }) {
  return of > NAMED ? <li>… and {(of - NAMED).toLocaleString()} more</li> : null
}

function Line({ of: { hosts, entry } }: { of: Addition }) {
  const { about, type, key, comment } = entry
  const marker = 'marker' in about ? about.marker : undefined
  return (
    <li>
      <span>
        <b class="mono">{hosts.startsWith('|') ? 'A hashed name' : hosts}</b> {keyTypeText(type)}
        {marker === 'revoked' && ' · revoked'}
        {marker === 'cert-authority' && ' · certificate authority, kept but not used'}
        {comment && ` · ${comment}`}
      </span>
      <code>{useFingerprint(key)}</code>
    </li>
  )
}

function Differs({ conflict, chosen, toggle }: { conflict: Conflict; chosen: boolean; toggle(): void }) {
  const { hosts, entry, known } = conflict
  const theirs = useFingerprint(entry.key)
  const ours = useFingerprint(known[0]?.key)
  return (
    <li>
      <label class="check">
        <input type="checkbox" checked={chosen} onChange={toggle} />
        <span>
          <b class="mono">{hosts}</b> {keyTypeText(entry.type)}
          <small>
            Known: <code>{ours}</code>
          </small>
          <small>
            In the file: <code>{theirs}</code>
          </small>
        </span>
      </label>
    </li>
  )
}
