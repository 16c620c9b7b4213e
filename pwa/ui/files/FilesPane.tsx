import { ArrowLeft, ArrowRight, Bookmark, Ellipsis, RefreshCw, X } from 'lucide'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { Command } from '../../commands/command.ts'
import type { Directory } from '../../commands/directory.ts'
import { endBeside } from '../../commands/end-beside.ts'
import { filesAsRoot } from '../../commands/files-as-root.ts'
import { filesAsYourself } from '../../commands/files-as-yourself.ts'
import { filesBeside } from '../../commands/files-beside.ts'
import { nameText } from '../../commands/fileWords.ts'
import { filterFiles } from '../../commands/filter-files.ts'
import { followDirectory } from '../../commands/follow-directory.ts'
import { goBack } from '../../commands/go-back.ts'
import { goForward } from '../../commands/go-forward.ts'
import { goHome } from '../../commands/go-home.ts'
import { goUp } from '../../commands/go-up.ts'
import { invertSelection } from '../../commands/invert-selection.ts'
import { newFile } from '../../commands/new-file.ts'
import { newFolder } from '../../commands/new-folder.ts'
import { openPath } from '../../commands/open-path.ts'
import { pasteFiles } from '../../commands/paste-files.ts'
import { pinDirectory } from '../../commands/pin-directory.ts'
import { refreshFiles } from '../../commands/refresh-files.ts'
import { selectAllFiles } from '../../commands/select-all-files.ts'
import { toggleFiles } from '../../commands/toggle-files.ts'
import { toggleHiddenFiles } from '../../commands/toggle-hidden-files.ts'
import { uploadFiles } from '../../commands/upload-files.ts'
import { uploadFolder } from '../../commands/upload-folder.ts'
import { useSftpForFiles } from '../../commands/use-sftp-for-files.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { lazy } from '../kit/Lazy.tsx'
import { Menu } from '../kit/Menu.tsx'
import { FileList, type Point } from './FileList.tsx'
import { FilesBy, FilesOtherwise } from './FilesBy.tsx'
import { FilesFoot } from './FilesFoot.tsx'
import { FilterBar } from './FilterBar.tsx'
import { fileDrop } from './fileDrop.ts'
import { PathBar } from './PathBar.tsx'
import { useRowDrop } from './rowDrop.ts'
import './FilesPane.css'

const FileMenu = lazy(() => import('./FileMenu.tsx').then((module) => module.default))

/** Buttons of a mouse beside the wheel. */
const mouse = { back: 3, forward: 4 }

/** The files of a tab's host: where one is, what is there, and what can be done with it. */
export function FilesPane({ tab, shown, beside = false }: { tab: TabView; shown: boolean; beside?: boolean }) {
  const desk = useDesk()
  const { app, view } = desk
  const id = `${beside ? 'beside-' : ''}files-${tab.id}`
  const directory = view.directory(tab)
  const state = directory.state.value
  const path = directory.path.value
  const ready = tab.session.state.value === 'open' || !tab.record.value.view.terminal
  const [menuAt, setMenu] = useState<Point>()
  useRowDrop(desk)

  // Read once, as soon as there is something to read from.
  useEffect(() => {
    if (directory.state.peek() === 'idle' && ready) {
      void directory.open(tab.record.peek().view.filesPath ?? tab.session.directory.peek() ?? '.')
    }
  }, [ready, directory])
  // A layout effect: what can be seen is kept, though the page goes the next moment.
  useLayoutEffect(() => {
    if (state === 'ready' && tab.record.peek().view.filesPath !== path) app.tabs.change(tab.id, { filesPath: path })
  }, [state, path, app, tab])
  const list = () => document.querySelector<HTMLElement>(`#${CSS.escape(id)} .file-grid`)
  useEffect(() => {
    if (shown && (beside || !tab.record.peek().view.terminal)) list()?.focus()
  }, [shown, tab, state === 'ready'])

  const side = beside ? 'beside' : 'own'
  const take = () => {
    if (view.filesSide.peek() !== side) view.filesSide.value = side
  }
  const travel = (event: MouseEvent) => {
    if (event.button !== mouse.back && event.button !== mouse.forward) return
    // The browser would leave the page.
    event.preventDefault()
    if (event.type === 'mouseup') void desk.run(event.button === mouse.back ? goBack : goForward)
  }
  const item = (command: Command, checked?: boolean) => ({
    text: desk.title(command),
    keys: desk.keys(command),
    run: () => void desk.run(command),
    ...(checked !== undefined && { checked }),
  })
  const places = view.places(tab)
  const offered = [
    uploadFiles,
    uploadFolder,
    goUp,
    openPath,
    followDirectory,
    newFolder,
    newFile,
    filterFiles,
    selectAllFiles,
    invertSelection,
    pasteFiles,
    filesBeside,
    filesAsRoot,
    filesAsYourself,
    useSftpForFiles,
    ...(tab.record.value.view.terminal ? [toggleFiles] : []),
  ] as readonly Command[]
  return (
    <section
      id={id}
      class={beside ? 'files-pane beside' : 'files-pane'}
      aria-label={beside ? `Files of ${tab.title.value}` : 'Files'}
      aria-busy={state === 'loading'}
      {...fileDrop('list', tab.id, path)}
      onFocusIn={take}
      onPointerDownCapture={take}
      onMouseDown={travel}
      onMouseUp={travel}
    >
      <header class="files-head">
        <IconButton
          icon={ArrowLeft}
          name="Back"
          keys={desk.keys(goBack)}
          disabled={!directory.canBack}
          onClick={() => void desk.run(goBack)}
        />
        <IconButton
          icon={ArrowRight}
          name="Forward"
          keys={desk.keys(goForward)}
          disabled={!directory.canForward}
          onClick={() => void desk.run(goForward)}
        />
        <PathBar tab={tab} path={path} shown={shown} label={beside ? 'Path of the files beside' : 'Path'} />
        <Menu
          name="Places"
          icon={Bookmark}
          items={[
            item(goHome),
            ...places.map((place) => ({ text: nameText(place), run: () => void desk.run(openPath, place) })),
            ...(desk.can(pinDirectory) ? [item(pinDirectory)] : []),
          ]}
        />
        <IconButton
          icon={RefreshCw}
          name="Refresh"
          keys={desk.keys(refreshFiles)}
          onClick={() => void desk.run(refreshFiles)}
        />
        <Menu
          name="More"
          icon={Ellipsis}
          items={[
            ...offered.filter((command) => desk.can(command)).map((command) => item(command)),
            { ...item(toggleHiddenFiles), text: 'Show hidden files', checked: app.settings.value.value.hiddenFiles },
          ]}
        />
        {beside && <IconButton icon={X} name="Put away" onClick={() => void desk.run(endBeside)} />}
      </header>
      <FilesBy tab={tab} />
      {view.filtering.value === tab.id && shown && <FilterBar directory={directory} list={list} />}
      {state === 'loading' && <div class="files-progress" role="progressbar" aria-label="Reading the folder" />}
      {state === 'failed' && directory.visible.value.length > 0 && <FailedBar directory={directory} />}
      <Listing
        tab={tab}
        directory={directory}
        ready={ready}
        id={`${beside ? 'beside-' : ''}row-${tab.id}`}
        menu={setMenu}
      />
      <FilesFoot directory={directory} menu={setMenu} />
      {menuAt && <FileMenu at={menuAt} close={() => setMenu(undefined)} />}
    </section>
  )
}

/** The list, or what stands in its place. */
function Listing({
  tab,
  directory,
  ready,
  id,
  menu,
}: {
  tab: TabView
  directory: Directory
  ready: boolean
  id: string
  menu(at: Point): void
}) {
  const desk = useDesk()
  const state = directory.state.value
  const failure = directory.failure.value
  const nothing = directory.visible.value.length === 0
  const again = <Button onClick={() => void desk.run(refreshFiles)}>Try again</Button>
  if (nothing && state === 'failed' && failure) {
    return (
      <div class="files-note" role="alert">
        <b>{failure.message}</b>
        <p>{failure.remedy}</p>
        {failure.said && <p class="mono">{failure.said}</p>}
        <div>
          <FilesOtherwise tab={tab} failure={failure} />
          {failure.code !== 'root-ended' && (
            <>
              {again}
              <Button onClick={() => void desk.run(goUp)}>Go up</Button>
            </>
          )}
        </div>
      </div>
    )
  }
  if (nothing && !ready && state !== 'ready') {
    return (
      <div class="files-note">
        <p>The files come when the host is connected.</p>
      </div>
    )
  }
  const empty = nothing ? state === 'ready' : directory.shown.value.length === 0 && !directory.arranging
  return (
    <FileList tab={tab} directory={directory} id={id} menu={menu}>
      {empty && <EmptyNote directory={directory} />}
    </FileList>
  )
}

/** Why there is no row in the list. */
function EmptyNote({ directory }: { directory: Directory }) {
  const desk = useDesk()
  const hidden = directory.hidden.value
  const visible = directory.visible.value.length
  if (visible) {
    return (
      <div class="files-note">
        <b>No name here fits</b>
        <p>{`${directory.filter.value.trim()} is in none of ${countText(visible, 'name')}`}</p>
        <div>
          <Button
            onClick={() => {
              directory.filter.value = ''
            }}
          >
            Show all
          </Button>
        </div>
      </div>
    )
  }
  return (
    <div class="files-note">
      <b>Nothing here</b>
      <p>Drop files here, or choose them.</p>
      <div>
        <Button onClick={() => void desk.run(uploadFiles)}>{desk.title(uploadFiles)}</Button>
      </div>
      {hidden > 0 && (
        <>
          <p>{countText(hidden, 'hidden entry', 'hidden entries')}</p>
          <div>
            <Button onClick={() => void desk.run(toggleHiddenFiles)}>Show them</Button>
          </div>
        </>
      )}
    </div>
  )
}

/** What is shown is not all, since the reading failed. */
function FailedBar({ directory }: { directory: Directory }) {
  const desk = useDesk()
  const failure = directory.failure.value
  return (
    <div class="files-failed" role="alert">
      <p>
        <b>{`Only ${countText(directory.visible.value.length, 'entry', 'entries')} could be read.`}</b>{' '}
        {failure && `${failure.message}. ${failure.remedy}`}
      </p>
      <Button onClick={() => void desk.run(refreshFiles)}>Try again</Button>
    </div>
  )
}
