/** What a figure is to be: at least or at most `factor` times the limit and `plus` more; without a limit, `plus`. */
export interface Goal {
  bound: 'at least' | 'at most'
  factor?: number
  plus?: number
}

/** One measured thing. */
export interface Row {
  metric: string
  unit: string
  /** What ours is held against, measured in the same run. */
  limit?: { name: string; figure: number }
  /** ssh2 without a relay, where it is not the limit itself. */
  ssh2?: number
  ours: number
  goal?: Goal
}

/** Whether the goal is reached; undefined where none is set. */
export function isMet({ ours, limit, goal }: Row): boolean | undefined {
  if (!goal) return undefined
  const wanted = (goal.factor ?? 0) * (limit?.figure ?? 0) + (goal.plus ?? 0)
  return goal.bound === 'at least' ? ours >= wanted : ours <= wanted
}

const heads = ['metric', 'unit', 'limit', '', 'ssh2', 'ours', 'ours ÷ limit', 'goal', 'met']

/** The rows as a table that reads well in a terminal and as Markdown. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.metric,
    row.unit,
    row.limit?.name ?? '',
    figureText(row.limit?.figure),
    figureText(row.ssh2),
    figureText(row.ours),
    row.limit ? (row.ours / row.limit.figure).toFixed(2) : '',
    row.goal ? goalText(row.goal) : '',
    { true: 'yes', false: '**no**', undefined: '' }[`${isMet(row)}`] ?? '',
  ])
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((line) => line[column]?.length ?? 0)))
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(heads), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...cells.map(line)].join('\n')
}

function goalText({ bound, factor, plus }: Goal): string {
  const sign = bound === 'at least' ? '≥' : '≤'
  if (factor === undefined) return `${sign} ${plus ?? 0}`
  return `${sign} ${factor === 1 ? 'limit' : `${factor} × limit`}${plus ? ` + ${plus}` : ''}`
}

/** Three digits that mean something. */
function figureText(figure: number | undefined): string {
  if (figure === undefined) return ''
  if (figure >= 100) return Math.round(figure).toLocaleString('en')
  return figure.toPrecision(figure >= 10 ? 3 : 2)
}
