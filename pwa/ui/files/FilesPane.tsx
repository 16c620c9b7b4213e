import { Ellipsis, RefreshCw } from 'lucide'
import { useEffect } from 'preact/hooks'
import { type FileInfo, joinPath } from '../../../shared/fileInfo.ts'
import type { Command } from '../../commands/command.ts'
import { followDirectory } from '../../commands/follow-directory.ts'
import { followLink } from '../../commands/follow-link.ts'
import { goUp } from '../../commands/go-up.ts'
import { openPath } from '../../commands/open-path.ts'
import { refreshFiles } from '../../commands/refresh-files.ts'
import { showTerminal } from '../../commands/show-terminal.ts'
import { sortFiles } from '../../commands/sort-files.ts'
import { toggleFiles } from '../../commands/toggle-files.ts'
import { toggleHiddenFiles } from '../../commands/toggle-hidden-files.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { Menu } from '../kit/Menu.tsx'
import { useCoarse } from '../media.ts'
import { FileList } from './FileList.tsx'
import { PathBar } from './PathBar.tsx'
import './FilesPane.css'

/** The files of a tab's host: where one is, what is there, and what can be done with it. */
export function FilesPane({ tab, shown }: { tab: TabView; shown: boolean }) {
  const desk = useDesk()
  const { app, view } = desk
  const directory = view.directory(tab)
  const coarse = useCoarse()
  const state = directory.state.value
  const path = directory.path.value
  const ready = tab.session.state.value === 'open' || !tab.record.value.view.terminal

  // Read once, as soon as there is something to read from.
  useEffect(() => {
    if (directory.state.peek() === 'idle' && ready) {
      void directory.open(tab.record.peek().view.filesPath ?? tab.session.directory.peek() ?? '.')
    }
  }, [ready, directory])
  useEffect(() => {
    if (state === 'ready' && tab.record.peek().view.filesPath !== path) app.tabs.change(tab.id, { filesPath: path })
  }, [state, path, app, tab])
  useEffect(() => {
    if (shown && !tab.record.peek().view.terminal)
      document.querySelector<HTMLElement>(`#files-${tab.id} .file-grid`)?.focus()
  }, [shown, tab, state === 'ready'])

  const open = (file: FileInfo) => {
    if (file.type === 'directory') void desk.run(openPath, joinPath(path, file.name))
    if (file.type === 'symlink') void desk.run(followLink, joinPath(path, file.name))
  }
  const item = (command: Command, checked?: boolean) => ({
    text: desk.title(command),
    keys: desk.keys(command),
    run: () => void desk.run(command),
    ...(checked !== undefined && { checked }),
  })
  const hidden = directory.hidden.value
  const empty = directory.shown.value.length === 0
  return (
    <section id={`files-${tab.id}`} class="files-pane" aria-label="Files" aria-busy={state === 'loading'}>
      <header class="files-head">
        <PathBar tab={tab} path={path} />
        <IconButton icon={RefreshCw} name="Refresh" onClick={() => void desk.run(refreshFiles)} />
        <Menu
          name="More"
          icon={Ellipsis}
          items={[
            item(goUp),
            item(openPath as Command),
            ...(desk.can(followDirectory) ? [item(followDirectory)] : []),
            { ...item(toggleHiddenFiles), text: 'Hidden files', checked: app.settings.value.value.hiddenFiles },
            ...(tab.record.value.view.terminal ? [item(toggleFiles)] : []),
          ]}
        />
      </header>
      {state === 'loading' && <div class="files-progress" role="progressbar" aria-label="Reading the directory" />}
      {state === 'failed' && directory.failure.value ? (
        <div class="files-note" role="alert">
          <b>{directory.failure.value.message}</b>
          <p>{directory.failure.value.remedy}</p>
          <div>
            <Button onClick={() => void desk.run(refreshFiles)}>Try again</Button>
            <Button onClick={() => void desk.run(goUp)}>Go up</Button>
          </div>
        </div>
      ) : state === 'ready' && empty ? (
        <div class="files-note">
          <b>Nothing here</b>
          {hidden > 0 && (
            <>
              <p>{countText(hidden, 'hidden entry', 'hidden entries')}</p>
              <div>
                <Button onClick={() => void desk.run(toggleHiddenFiles)}>Show them</Button>
              </div>
            </>
          )}
        </div>
      ) : empty && !ready ? (
        <div class="files-note">
          <p>The files come when the host is connected.</p>
        </div>
      ) : (
        <FileList
          directory={directory}
          id={`row-${tab.id}`}
          rowHeight={coarse ? 44 : 29}
          sortBy={(by) => void desk.run(sortFiles, by)}
          open={open}
          up={() => void desk.run(goUp)}
          leave={() => void desk.run(showTerminal)}
        />
      )}
    </section>
  )
}
