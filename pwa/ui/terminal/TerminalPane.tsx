import { useEffect, useRef } from 'preact/hooks'
import { setFont } from '../../commands/set-font.ts'
import type { TabView } from '../../model/tabs.ts'
import { useDesk } from '../desk.ts'
import { fileDrop } from '../files/fileDrop.ts'
import { pathDrop } from '../files/pathDrop.ts'
import { lazy } from '../kit/Lazy.tsx'
import { theme } from '../theme.ts'
import { SessionStateView } from './SessionStateView.tsx'
import './TerminalPane.css'

const UploadOffer = lazy(() => import('../transfers/UploadOffer.tsx').then((module) => module.default))
const FindBar = lazy(() => import('./FindBar.tsx').then((module) => module.FindBar))

/** A session's terminal, and over it what has to be said about the session. */
export function TerminalPane({ tab, shown }: { tab: TabView; shown: boolean }) {
  const desk = useDesk()
  const { app, view } = desk
  const place = useRef<HTMLDivElement>(null)
  const { session } = tab

  useEffect(() => {
    const element = place.current
    if (!element) return
    let gone = false
    let dispose = () => {
      gone = true
    }
    app
      .openTerminal(element, session, {
        theme: theme(app),
        settings: app.settings,
        apple: app.platform.apple,
        // Keys of commands are taken before they reach any element.
        onKey: () => false,
        confirmPaste: (text) => view.ask({ kind: 'paste', text }),
        confirmLink: (url, text) => view.ask({ kind: 'link', url, text }),
        openLink: (url) => app.platform.openLink(url),
        zoom: (fontSize) => void desk.run(setFont, fontSize),
      })
      .then(
        (terminal) => {
          if (gone) terminal.dispose()
          else {
            dispose = () => terminal.dispose()
            if (app.tabs.active.peek() === tab.id && !view.sheet.peek()) terminal.focus()
          }
        },
        (error) => view.fail(error),
      )
    return () => dispose()
  }, [app, desk, session, tab.id, view])

  useEffect(() => {
    if (shown) session.screen.peek()?.focus()
  }, [shown, session])

  const offer = view.offer.value
  const dim = session.state.value === 'detached' || session.takenElsewhere.value
  return (
    <div class={dim ? 'terminal-pane dim' : 'terminal-pane'} {...fileDrop('terminal', tab.id)} {...pathDrop(tab)}>
      <div ref={place} class="terminal-place" />
      {view.finding.value === tab.id && <FindBar session={session} />}
      <SessionStateView tab={tab} />
      {offer?.tabId === tab.id && <UploadOffer tab={tab} offer={offer} />}
    </div>
  )
}
