/** What an editor shows of a text is its own; this is what the model asks of it. */
export interface TextEditor {
  /** The text as it stands, and what names this state. */
  snapshot(): { text: string; state: unknown }
  /** From now on this state counts as unchanged. */
  mark(state: unknown): void
  /** Puts another text in the place of the one shown; undefined `changed` leaves what counts as unchanged. */
  show(text: string, changed: boolean): void
  /** Adds text at an end, and takes characters away at the other. */
  extend(at: 'start' | 'end', text: string, drop: number): void
  scrollTo(end: 'start' | 'end'): void
  find(): void
  goToLine(): void
  focus(): void
}
