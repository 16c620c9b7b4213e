import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { gotoLine, openSearchPanel, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorSelection, EditorState, type Extension, Prec, Text, Transaction } from '@codemirror/state'
import {
  Decoration,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view'
import type { TextEditor } from '../../model/preview/textEditor.ts'
import { codeColours, codeTheme } from './codeTheme.ts'
import { languageOf, loadLanguage } from './languages.ts'

/** What an editor is opened with. */
export interface CodeOptions {
  /** What a screen reader calls it. */
  label: string
  /** By which its language is told. */
  name: string
  text: string
  /** What counts as unchanged, where that is another text. */
  base?: string
  editable: boolean
  wrap: boolean
  /** Whether lines have numbers: a part of a text has none. */
  numbered: boolean
  /** Lines, from 0, that are marked as different; the end is not among them. */
  differs?: readonly [from: number, to: number]
  edited?(changed: boolean): void
  /** Where the cursor stands, from 1. */
  moved?(line: number, column: number): void
  /** The person has scrolled. @param end whether the last line is in sight */
  scrolled?(end: boolean): void
  save?(): void
  leave?(): void
}

/** An editor on the page. */
export interface CodeEditor extends TextEditor {
  setEditable(editable: boolean): void
  setWrap(wrap: boolean): void
  close(): void
}

/** Milliseconds after a wheel, key or touch in which scrolling is the person's. */
const handsOn = 1000

const words: Record<string, string> = {
  'Go to line': 'Line',
  go: 'Go',
  next: 'Next',
  previous: 'Previous',
  all: 'All',
  'match case': 'Match case',
  regexp: 'Pattern',
  'by word': 'Whole words',
  replace: 'Replace',
  'replace all': 'Replace all',
  close: 'Close',
}

/** Opens a text in an element, in a language that is fetched when it is known. */
export function openCode(parent: HTMLElement, options: CodeOptions): CodeEditor {
  let base = docOf(options.base ?? options.text)
  const editing = new Compartment()
  const wrapping = new Compartment()
  const speaking = new Compartment()
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: docOf(options.text),
      extensions: [
        EditorState.lineSeparator.of('\n'),
        EditorState.phrases.of(words),
        EditorState.tabSize.of(4),
        EditorView.contentAttributes.of({
          'aria-label': options.label,
          tabindex: '0',
          spellcheck: 'false',
          autocapitalize: 'off',
        }),
        EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, '\n')),
        codeTheme,
        syntaxHighlighting(codeColours),
        options.numbered ? lineNumbers() : [],
        highlightSpecialChars(),
        history(),
        drawSelection(),
        rectangularSelection(),
        indentOnInput(),
        bracketMatching(),
        search({ top: true }),
        options.differs ? marked(options.text, options.differs) : [],
        Prec.high(keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => done(options.save) }])),
        keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
        Prec.lowest(keymap.of([{ key: 'Escape', run: () => done(options.leave) }])),
        editing.of(modeOf(options.editable)),
        wrapping.of(options.wrap ? EditorView.lineWrapping : []),
        speaking.of([]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.edited?.(!update.state.doc.eq(base))
          if (update.docChanged || update.selectionSet) tellPlace()
        }),
      ],
    }),
  })
  const tellPlace = () => {
    const { head } = view.state.selection.main
    const line = view.state.doc.lineAt(head)
    options.moved?.(line.number, head - line.from + 1)
  }
  const unwatch = watchScrolling(view, options)
  let closed = false
  void speak()

  async function speak(): Promise<void> {
    const language = languageOf(options.name, view.state.doc.line(1).text)
    const support = language && (await loadLanguage(language))
    if (support && !closed) view.dispatch({ effects: speaking.reconfigure(support) })
  }

  return {
    snapshot: () => ({ text: view.state.doc.sliceString(0), state: view.state.doc }),
    mark(state) {
      // What `snapshot` has given away.
      base = state as Text
      options.edited?.(!view.state.doc.eq(base))
    },
    show(text, changed) {
      const doc = docOf(text)
      if (!changed) base = doc
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: doc },
        selection: EditorSelection.cursor(0),
        annotations: Transaction.addToHistory.of(changed),
      })
    },
    extend(at, text, drop) {
      const { length } = view.state.doc
      const insert = docOf(text)
      const changes =
        at === 'end'
          ? [...(drop ? [{ from: 0, to: drop }] : []), { from: length, insert }]
          : [{ from: 0, insert }, ...(drop ? [{ from: length - drop, to: length }] : [])]
      view.dispatch({ changes, annotations: Transaction.addToHistory.of(false) })
    },
    scrollTo(end) {
      const at = end === 'start' ? 0 : view.state.doc.length
      view.dispatch({ effects: EditorView.scrollIntoView(at, { y: end === 'start' ? 'start' : 'end' }) })
    },
    find: () => void openSearchPanel(view),
    goToLine: () => void gotoLine(view),
    focus: () => view.focus(),
    setEditable(editable) {
      if (view.state.facet(EditorView.editable) === editable) return
      view.dispatch({ effects: editing.reconfigure(modeOf(editable)) })
      // A browser takes the focus from what becomes another kind of element.
      view.focus()
    },
    setWrap: (wrap) => view.dispatch({ effects: wrapping.reconfigure(wrap ? EditorView.lineWrapping : []) }),
    close() {
      closed = true
      unwatch()
      view.destroy()
    },
  }
}

/** Lines end in LF alone here; a CR that stands in a text is a character that is shown as such. */
function docOf(text: string): Text {
  return Text.of(text.split('\n'))
}

function done(run: (() => void) | undefined): boolean {
  run?.()
  return run !== undefined
}

/** What is only read calls no on-screen keyboard, but can have the focus and be scrolled by keys. */
function modeOf(editable: boolean): Extension {
  return editable
    ? [keymap.of([indentWithTab]), highlightActiveLine(), highlightActiveLineGutter()]
    : [
        EditorState.readOnly.of(true),
        EditorView.editable.of(false),
        EditorView.contentAttributes.of({ 'aria-readonly': 'true' }),
      ]
}

function marked(text: string, [from, to]: readonly [number, number]): Extension {
  const doc = docOf(text)
  const lines = Array.from({ length: Math.max(0, Math.min(to, doc.lines) - from) }, (_, index) =>
    Decoration.line({ class: 'cm-differs' }).range(doc.line(from + index + 1).from),
  )
  return EditorView.decorations.of(Decoration.set(lines))
}

function watchScrolling({ scrollDOM }: EditorView, { scrolled }: CodeOptions): () => void {
  if (!scrolled) return () => undefined
  const watching = new AbortController()
  const { signal } = watching
  let touched = Number.NEGATIVE_INFINITY
  for (const kind of ['wheel', 'touchmove', 'keydown', 'pointerdown'] as const) {
    scrollDOM.addEventListener(
      kind,
      () => {
        touched = performance.now()
      },
      { signal, passive: true },
    )
  }
  scrollDOM.addEventListener(
    'scroll',
    () => {
      const left = scrollDOM.scrollHeight - scrollDOM.scrollTop - scrollDOM.clientHeight
      if (left < 24) scrolled(true)
      else if (performance.now() - touched < handsOn) scrolled(false)
    },
    { signal, passive: true },
  )
  return () => watching.abort()
}
