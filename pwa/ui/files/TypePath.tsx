import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { openPath } from '../../commands/open-path.ts'
import { completions, sharedStart, typedPath, wholePath } from '../../commands/pathCompletion.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { FileName } from './FileName.tsx'

/** Directories that are offered at once, and entries of a directory that are looked through for them. */
const offered = 40
const most = 20_000

/** Typing a path: directories are offered as one types; Tab goes on as far as they agree, arrows choose. */
export function TypePath({ tab, path }: { tab: TabView; path: string }) {
  const desk = useDesk()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, type] = useState(path)
  const [at, go] = useState(-1)
  const [open, show] = useState(false)
  const home = tab.sftp.info.value?.home
  const { parent, before, start } = typedPath(text, path, home)
  const names = useDirectories(tab, open ? parent : undefined)
  const fitting = open ? completions(names, start).slice(0, offered) : []

  // What is typed next is for the field already.
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at])
  const end = () => {
    desk.view.typingPath.value = undefined
  }
  const toList = () => {
    const pane = input.current?.closest('.files-pane')
    end()
    queueMicrotask(() => pane?.querySelector<HTMLElement>('.file-grid')?.focus())
  }
  const write = (next: string) => {
    type(next)
    go(-1)
    show(true)
  }
  const complete = () => {
    const one = fitting[at] ?? (fitting.length === 1 ? fitting[0] : undefined)
    if (one !== undefined) write(`${before}${one}/`)
    else if (fitting.length) write(before + (sharedStart(fitting) || start))
    else show(true)
  }
  const enter = () => {
    const one = fitting[at]
    const wanted = one === undefined ? text.trim() : before + one
    toList()
    if (wanted) void desk.run(openPath, wholePath(wanted, path, home))
  }
  const acts: Record<string, () => void> = {
    Tab: complete,
    Enter: enter,
    Escape: () => (open && fitting.length ? show(false) : toList()),
    ArrowDown: () => (open ? go(Math.min(at + 1, fitting.length - 1)) : show(true)),
    ArrowUp: () => go(Math.max(at - 1, -1)),
  }
  return (
    <div class="path-typing">
      <input
        ref={input}
        class="path-input mono"
        role="combobox"
        aria-label="Path"
        aria-autocomplete="list"
        aria-expanded={fitting.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        value={text}
        onInput={(event) => write(event.currentTarget.value)}
        onBlur={end}
        onKeyDown={(event) => {
          const act = event.shiftKey || event.isComposing ? undefined : acts[event.key]
          if (!act) return
          event.preventDefault()
          act()
        }}
      />
      <div
        id={`${id}-list`}
        class="path-offers"
        role="listbox"
        aria-label="Folders"
        tabIndex={-1}
        hidden={fitting.length === 0}
      >
        {fitting.map((name, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input takes the keys
          // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the input
          <div
            key={name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            // The field would lose the focus, and with it go.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => {
              write(`${before}${name}/`)
              input.current?.focus()
            }}
          >
            <FileName name={name} />
          </div>
        ))}
      </div>
    </div>
  )
}

/** Names of the directories in a directory, and of links that may lead to some, as they come; none where it cannot be read. */
function useDirectories(tab: TabView, path: string | undefined): readonly string[] {
  const [found, set] = useState<{ path: string; names: readonly string[] }>({ path: '', names: [] })
  useEffect(() => {
    if (path === undefined) return
    const over = new AbortController()
    const read = async () => {
      const names: string[] = []
      let seen = 0
      for await (const { files } of tab.sftp.list(path, over.signal)) {
        for (const { name, type } of files) if (type !== 'file' && name !== '.' && name !== '..') names.push(name)
        seen += files.length
        set({ path, names: names.toSorted((a, b) => a.localeCompare(b)) })
        if (seen >= most) return
      }
    }
    // What cannot be read has nothing to offer; opening it will say why.
    read().catch(() => undefined)
    return () => over.abort()
  }, [tab, path])
  return found.path === path ? found.names : []
}
