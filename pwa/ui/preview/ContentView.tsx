import { useEffect, useState } from 'preact/hooks'
import { closeFile } from '../../commands/close-file.ts'
import type { Desk } from '../../commands/desk.ts'
import { downloadFiles } from '../../commands/download-files.ts'
import { nameText } from '../../commands/fileWords.ts'
import { followFile } from '../../commands/follow-file.ts'
import { bytesText } from '../../model/preview/bytesText.ts'
import type { TextFile } from '../../model/preview/textFile.ts'
import type { TextPart } from '../../model/preview/textPart.ts'
import type { Viewer } from '../../model/preview/viewer.ts'
import { useDesk } from '../desk.ts'
import { sizeText, timeText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { CodeView } from './CodeView.tsx'
import { PartFoot, TextFoot } from './TextFoot.tsx'

/** What is in a file, in the way in which it can be looked at. */
export function ContentView({ tabId, viewer }: { tabId: string; viewer: Viewer }) {
  const content = viewer.content.value
  const { name } = viewer.file
  switch (content.kind) {
    case 'loading':
      return <Loading bytes={content.bytes} total={content.total} />
    case 'failed':
      return (
        <div class="file-note" role="alert">
          <b>{content.failure.message}</b>
          <p>{content.failure.remedy}</p>
          <div>
            <Button onClick={() => void viewer.open()}>Try again</Button>
          </div>
        </div>
      )
    case 'text':
      return <WholeText viewer={viewer} text={content.text} drawing={content.drawing} />
    case 'part':
      return <PartOfText tabId={tabId} viewer={viewer} part={content.part} />
    case 'image':
      return (
        <>
          <div class="file-picture">
            <img src={content.url} alt={nameText(name)} decoding="async" />
          </div>
          <footer class="file-foot">
            <span>
              {content.pixels.width} × {content.pixels.height}
            </span>
            <span>{sizeText(content.size)}</span>
          </footer>
        </>
      )
    case 'audio':
    case 'video':
      return <Player key={content.url} kind={content.kind} url={content.url} name={name} />
    case 'pdf':
      return <Document url={content.url} />
    case 'bytes':
      return (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is long must be scrollable by key */}
          <section class="file-bytes" aria-label="Bytes of the file" tabIndex={0}>
            {content.why && <p>{content.why}</p>}
            <pre>{content.data.length ? bytesText(content.data) : 'The file is empty.'}</pre>
          </section>
          <footer class="file-foot">
            <span>
              {content.data.length < content.size
                ? `The first ${sizeText(content.data.length)} of ${sizeText(content.size)}`
                : sizeText(content.size)}
            </span>
            <span class="rest" />
            <Download />
          </footer>
        </>
      )
  }
}

function Loading({ bytes, total }: { bytes: number; total: number }) {
  return (
    <div class="file-note file-loading" role="status">
      <p>{bytes > 0 ? `${sizeText(bytes)} of ${sizeText(total)}` : 'Reading the file'}</p>
      {bytes > 0 && <progress aria-label="Read" value={bytes} max={total} />}
    </div>
  )
}

/** Scripts in a drawing do not run in an `img`; as data it has no origin either, wherever it is opened. */
function pictureOf(svg: string): string {
  const bytes = new TextEncoder().encode(svg)
  let binary = ''
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return `data:image/svg+xml;base64,${btoa(binary)}`
}

function WholeText({ viewer, text, drawing }: { viewer: Viewer; text: TextFile; drawing: boolean }) {
  const [drawn, draw] = useState(false)
  const [place, move] = useState({ line: 1, column: 1 })
  const desk = useDesk()
  const { name } = viewer.file
  const restored = text.restored.value
  useEffect(() => {
    // The page may go before the draft's turn comes.
    const keep = () => {
      if (text.changed.peek()) void text.keep()
    }
    addEventListener('pagehide', keep)
    document.addEventListener('visibilitychange', keep)
    return () => {
      removeEventListener('pagehide', keep)
      document.removeEventListener('visibilitychange', keep)
    }
  }, [text])
  return (
    <>
      {restored !== undefined && (
        <div class="file-bar" role="status">
          <span>Changes that were not saved ({timeText(new Date(restored))}) are back.</span>
          <Button onClick={() => void text.discard().catch((error) => desk.view.fail(error))}>Discard them</Button>
        </div>
      )}
      {!text.keeps.value && (
        <div class="file-bar" role="status">
          <span>Some of its bytes mean nothing in this encoding, so it can only be read. Another one may fit.</span>
        </div>
      )}
      {drawn ? (
        <div class="file-picture">
          <img src={pictureOf(text.text)} alt={nameText(name)} />
        </div>
      ) : (
        <CodeView
          key={name}
          editable={viewer.editing.value}
          options={{
            label: `Text of ${nameText(name)}`,
            name,
            text: text.text,
            base: text.base,
            numbered: true,
            edited: (changed) => text.edited(changed),
            moved: (line, column) => move({ line, column }),
            save: () => void text.save().catch((error) => desk.view.fail(error)),
            leave: () => leaveEditor(desk, viewer),
          }}
          opened={(editor) => {
            viewer.editor.value = editor
            const letGo = text.attach(editor)
            return () => {
              viewer.editor.value = undefined
              letGo()
            }
          }}
        />
      )}
      <TextFoot text={text} place={drawn ? undefined : place} editing={viewer.editing.value}>
        {drawing && !viewer.editing.value && (
          <Button kind="bare" aria-pressed={drawn} onClick={() => draw(!drawn)}>
            {drawn ? 'Text' : 'Picture'}
          </Button>
        )}
      </TextFoot>
    </>
  )
}

/** Out of the text first, then out of the file: Esc alone loses no place in what is edited. */
function leaveEditor(desk: Desk, viewer: Viewer): void {
  if (viewer.editing.peek()) document.activeElement?.closest<HTMLElement>('.file-view')?.focus()
  else void desk.run(closeFile)
}

function PartOfText({ tabId, viewer, part }: { tabId: string; viewer: Viewer; part: TextPart }) {
  const desk = useDesk()
  const { name } = viewer.file
  const doing = (work: Promise<void>) => void work.catch((error) => desk.view.fail(error))
  const { from, to } = part.range.value
  const following = part.following.value
  const busy = part.busy.value
  const turn = part.turn.value
  const failure = part.failure.value
  return (
    <>
      {following !== 'off' ? (
        <div class="file-bar follow" role="status">
          <span>{followText(following, failure?.message, turn)}</span>
          {following === 'paused' && <Button onClick={() => doing(part.follow())}>Go on</Button>}
          <Button onClick={() => part.unfollow()}>Stop following</Button>
        </div>
      ) : (
        <div class="file-bar">
          <span>
            {from === 0 && to === part.size.value
              ? `All of ${sizeText(part.size.value)}`
              : `${sizeText(from)} to ${sizeText(to)} of ${sizeText(part.size.value)}`}
          </span>
          {from > 0 && (
            <>
              <Button disabled={busy} onClick={() => doing(part.showStart())}>
                Beginning
              </Button>
              <Button disabled={busy} onClick={() => doing(part.earlier())}>
                Earlier
              </Button>
            </>
          )}
          {to < part.size.value && (
            <>
              <Button disabled={busy} onClick={() => doing(part.more())}>
                Load more
              </Button>
              <Button disabled={busy} onClick={() => doing(part.showEnd())}>
                End
              </Button>
            </>
          )}
          <Button disabled={busy} onClick={() => void desk.run(followFile, { tabId, file: viewer.file })}>
            Follow
          </Button>
        </div>
      )}
      <CodeView
        key={name}
        editable={false}
        options={{
          label: `Text of ${nameText(name)}`,
          name,
          text: part.text,
          numbered: false,
          scrolled: (end) => part.inSight(end),
          leave: () => leaveEditor(desk, viewer),
        }}
        opened={(editor) => {
          viewer.editor.value = editor
          const letGo = part.attach(editor)
          if (part.following.peek() !== 'off') editor.scrollTo('end')
          return () => {
            viewer.editor.value = undefined
            letGo()
          }
        }}
      />
      <PartFoot part={part} />
    </>
  )
}

const turns = {
  replaced: 'The file was replaced; the new one follows',
  cut: 'The file was emptied; it begins anew',
  skipped: 'Much came at once: what lay between is left out',
}

function followText(
  following: 'on' | 'paused',
  failure: string | undefined,
  turn: { kind: keyof typeof turns; at: Date } | undefined,
): string {
  if (failure !== undefined) return `${failure}. It is tried again`
  if (following === 'paused') return 'Paused, since you have scrolled up'
  return turn ? `${turns[turn.kind]} (${timeText(turn.at)})` : 'Following the end'
}

function Player({ kind, url, name }: { kind: 'audio' | 'video'; url: string; name: string }) {
  const [failed, fail] = useState(false)
  if (failed) {
    return (
      <div class="file-note" role="alert">
        <b>This browser cannot play it</b>
        <p>Download it to play it in another program.</p>
        <div>
          <Download />
        </div>
      </div>
    )
  }
  const of = { src: url, controls: true, 'aria-label': nameText(name), onError: () => fail(true) }
  return <div class="file-picture">{kind === 'video' ? <video {...of} /> : <audio {...of} />}</div>
}

function Download() {
  const desk = useDesk()
  return <Button onClick={() => void desk.run(downloadFiles)}>Download</Button>
}

/** Browsers show no document in a sandboxed frame; in a tab of its own it has their viewer's sandbox, and no way back here. */
function Document({ url }: { url: string }) {
  return (
    <div class="file-note">
      <b>A PDF document</b>
      <p>The browser shows it in a tab of its own, apart from Fairlead.</p>
      <div>
        <a class="button" href={url} target="_blank" rel="noopener noreferrer">
          Open in a new tab
        </a>
        <Download />
      </div>
    </div>
  )
}
