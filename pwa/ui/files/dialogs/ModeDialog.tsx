import { useState } from 'preact/hooks'
import type { FileInfo } from '../../../../shared/fileInfo.ts'
import { changeMode } from '../../../commands/change-mode.ts'
import { filesText } from '../../../commands/fileWords.ts'
import { commonMode, type ModeChange } from '../../../model/files/modes.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { Check } from '../../kit/Field.tsx'
import { ModeMatrix } from './ModeMatrix.tsx'

/** Permissions of files and folders; of what is in the folders too, with modes of their own for files. */
export function ModeDialog({ tab, files, close }: { tab: TabView; files: readonly FileInfo[]; close(): void }) {
  const desk = useDesk()
  const of = (type: FileInfo['type']) => files.filter((file) => file.type === type)
  const [below, descend] = useState(false)
  const [file, setFile] = useState(() => modesOf(of('file')))
  const [directory, setDirectory] = useState(() => modesOf(of('directory')))
  const folders = of('directory').length > 0
  const both = below || (folders && of('file').length > 0)
  const stays = ({ set, clear }: ModeChange) => (set | clear) === 0
  const change = () => {
    close()
    void desk.run(changeMode, { tabId: tab.id, files, change: { file, directory }, below })
  }
  return (
    <Dialog
      title={`Permissions of ${filesText(files)}`}
      wide={both}
      onClose={close}
      onSubmit={change}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={stays(file) && stays(directory)}>
            {below ? 'Count what would change' : 'Change'}
          </Button>
        </>
      }
    >
      <div class={both ? 'mode-both' : ''}>
        {folders && (
          <ModeMatrix
            of="directory"
            {...(both && { title: 'Folders' })}
            change={directory}
            onChange={setDirectory}
            autofocus
          />
        )}
        {(!folders || both) && (
          <ModeMatrix
            of="file"
            {...(both && { title: 'Files' })}
            change={file}
            onChange={setFile}
            autofocus={!folders}
          />
        )}
      </div>
      {folders && (
        <Check
          label="Also of all that is in it"
          hint="It is counted first, and nothing changes before you say so. Links are left alone."
          checked={below}
          onChange={descend}
        />
      )}
    </Dialog>
  )
}

/** Where they differ, or none is known, they stay as they are. */
function modesOf(files: readonly FileInfo[]): ModeChange {
  return commonMode(files.flatMap(({ mode }) => (mode === undefined ? [] : [mode])))
}
