import { shellQuote } from '../../../shared/shellQuote.ts'
import type { TabView } from '../../model/tabs.ts'
import { droppedFiles, filesType } from './dragOut.ts'

/** Attributes that let rows of a list be dropped on a tab's terminal, which types their quoted paths and runs nothing. */
export function pathDrop({ session }: TabView): {
  onDragOver(event: DragEvent): void
  onDrop(event: DragEvent): void
} {
  const takes = ({ dataTransfer }: DragEvent) =>
    dataTransfer?.types.includes(filesType) === true && session.state.peek() === 'open'
  return {
    onDragOver(event) {
      if (!takes(event) || !event.dataTransfer) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
    },
    onDrop(event) {
      if (!takes(event)) return
      event.preventDefault()
      // Quoted here: whoever began the drag could have put line ends into a text of its own.
      for (const path of droppedFiles(event)?.paths ?? []) session.input(`${shellQuote(path)} `)
      session.screen.peek()?.focus()
    },
  }
}
