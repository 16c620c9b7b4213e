import { ShieldAlert, SquareTerminal } from 'lucide'
import type { Command } from '../../commands/command.ts'
import { filesAsRoot } from '../../commands/files-as-root.ts'
import { filesAsYourself } from '../../commands/files-as-yourself.ts'
import { useSftpForFiles } from '../../commands/use-sftp-for-files.ts'
import { useShellForFiles } from '../../commands/use-shell-for-files.ts'
import type { AppFailure } from '../../model/failure.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import { Icon } from '../kit/Icon.tsx'
import './FilesBy.css'

/** Says above a list when its files are not had as usual: as root, or by the commands of a shell. */
export function FilesBy({ tab }: { tab: TabView }) {
  const desk = useDesk()
  if (tab.sftp.asRoot.value) {
    return (
      <div class="files-by root" role="status">
        <Icon of={ShieldAlert} size={16} />
        <p>
          <b>As root.</b> What you change here, root changes.
        </p>
        <Button onClick={() => void desk.run(filesAsYourself, tab.id)}>{desk.title(filesAsYourself)}</Button>
      </div>
    )
  }
  if (tab.sftp.info.value?.by !== 'shell') return null
  return (
    <div class="files-by shell" role="status">
      <Icon of={SquareTerminal} size={16} />
      <p>Through the shell: slower than SFTP.</p>
      <Button onClick={() => void desk.run(useSftpForFiles, tab.id)}>Try SFTP</Button>
    </div>
  )
}

const ways: Record<string, readonly Command<string>[]> = {
  'sftp-refused': [useShellForFiles],
  'root-ended': [filesAsRoot, filesAsYourself],
}

/** The other ways to have the files, for a failure to which there are some. */
export function FilesOtherwise({ tab, failure }: { tab: TabView; failure: AppFailure }) {
  const desk = useDesk()
  const tried = tab.record.value.view.filesBy !== undefined
  const offered = (ways[failure.code] ?? []).map((command) =>
    tried && command === useShellForFiles ? useSftpForFiles : command,
  )
  return offered.map((command, at) => (
    <Button key={command.id} kind={at === 0 ? 'primary' : 'plain'} onClick={() => void desk.run(command, tab.id)}>
      {desk.title(command)}
    </Button>
  ))
}
