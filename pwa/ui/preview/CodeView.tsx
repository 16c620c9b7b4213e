import { useEffect, useRef } from 'preact/hooks'
import { useDesk } from '../desk.ts'
import type { CodeEditor, CodeOptions } from './codeEditor.ts'
import './CodeView.css'

/** A text in an editor, whose code is fetched with the first one. */
export function CodeView({
  options,
  editable,
  opened,
}: {
  options: Omit<CodeOptions, 'wrap' | 'editable'>
  editable: boolean
  /** Called with the editor once it is there; what it returns is called before the editor goes. */
  opened?(editor: CodeEditor): () => void
}) {
  const { app } = useDesk()
  const place = useRef<HTMLDivElement>(null)
  const editor = useRef<CodeEditor | undefined>(undefined)
  const { wrapLines, fontSize } = app.settings.value.value
  const now = useRef({ editable, wrapLines })
  now.current = { editable, wrapLines }

  useEffect(() => {
    let shown = true
    let letGo: (() => void) | undefined
    void import('./codeEditor.ts').then(({ openCode }) => {
      if (!shown || !place.current) return
      const { editable, wrapLines } = now.current
      editor.current = openCode(place.current, { ...options, editable, wrap: wrapLines })
      letGo = opened?.(editor.current)
    })
    return () => {
      shown = false
      letGo?.()
      editor.current?.close()
      editor.current = undefined
    }
  }, [])
  useEffect(() => editor.current?.setEditable(editable), [editable])
  useEffect(() => editor.current?.setWrap(wrapLines), [wrapLines])
  return <div ref={place} class="code" style={{ '--code-size': `${fontSize}px` }} />
}
