import { useEffect, useId, useState } from 'preact/hooks'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { changeOwner } from '../../../commands/change-owner.ts'
import { filesText } from '../../../commands/fileWords.ts'
import {
  type Accounts,
  type Names,
  nameOfNumber,
  numberOf,
  readAccounts,
  withListed,
} from '../../../model/files/accounts.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { Check, Field } from '../../kit/Field.tsx'

/** Names that are offered while one types. */
const OFFERED = 500

const unknown: Accounts = { users: new Map(), groups: new Map() }

/** Owner and group of files, by name where the host's own files or the list tell it, or by number. */
export function OwnerDialog({ tab, files, close }: { tab: TabView; files: readonly FileInfo[]; close(): void }) {
  const desk = useDesk()
  const [accounts, know] = useState(() => withListed(unknown, files))
  const [below, descend] = useState(false)
  const [user, typeUser] = useState<string>()
  const [group, typeGroup] = useState<string>()
  useEffect(() => {
    readAccounts(tab.sftp).then(
      (found) => know(withListed(found, files)),
      (error) => desk.view.fail(error),
    )
  }, [])
  const uid = common(files, 'uid')
  const gid = common(files, 'gid')
  const owner = meantBy(user, uid, accounts.users)
  const ofGroup = meantBy(group, gid, accounts.groups)
  const wrong = 'wrong' in owner || 'wrong' in ofGroup
  const nothing = owner.number === undefined && ofGroup.number === undefined
  const change = () => {
    close()
    void desk.run(changeOwner, { tabId: tab.id, files, uid: owner.number, gid: ofGroup.number, below })
  }
  return (
    <Dialog
      title={`Owner of ${filesText(files)}`}
      onClose={close}
      onSubmit={() => !wrong && !nothing && change()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={wrong || nothing}>
            {below ? 'Count what would change' : 'Change'}
          </Button>
        </>
      }
    >
      <p>Most servers let only root give files away; a group can be one that you are in.</p>
      <Account
        label="Owner"
        names={accounts.users}
        shown={user ?? owner.text}
        value={owner}
        onInput={typeUser}
        autofocus
      />
      <Account
        label="Group"
        names={accounts.groups}
        shown={group ?? ofGroup.text}
        value={ofGroup}
        onInput={typeGroup}
      />
      {files.some(({ type }) => type === 'directory') && (
        <Check
          label="Also of all that is in it"
          hint="It is counted first, and nothing changes before you say so. Links are not followed."
          checked={below}
          onChange={descend}
        />
      )}
    </Dialog>
  )
}

/** What is in a field: a number, nothing (it stays), or what is neither a name nor a number. */
interface Value {
  text: string
  number?: number | undefined
  wrong?: true
}

function meantBy(typed: string | undefined, before: number | undefined, names: Names): Value {
  if (typed === undefined) return { text: before === undefined ? '' : nameOfNumber(before, names) }
  if (typed.trim() === '') return { text: '' }
  const number = numberOf(typed, names)
  return number === undefined ? { text: typed, wrong: true } : { text: typed, number }
}

function common(files: readonly FileInfo[], key: 'uid' | 'gid'): number | undefined {
  const first = files[0]?.[key]
  return files.every((file) => file[key] === first) ? first : undefined
}

function Account({
  label,
  names,
  shown,
  value,
  onInput,
  autofocus = false,
}: {
  label: string
  names: Names
  shown: string
  value: Value
  onInput(text: string): void
  autofocus?: boolean
}) {
  const list = useId()
  const number = value.number ?? names.get(shown)
  return (
    <div>
      <Field
        label={label}
        list={list}
        placeholder="as it is"
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        autofocus={autofocus}
        hint={number === undefined ? 'A name or a number' : `Number ${number}`}
        error={value.wrong ? 'This is no number, and no name that the host’s own files have' : undefined}
        value={shown}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <datalist id={list}>
        {Array.from(names.keys())
          .slice(0, OFFERED)
          .map((name) => (
            <option key={name} value={name} />
          ))}
      </datalist>
    </div>
  )
}
