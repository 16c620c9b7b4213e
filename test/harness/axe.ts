import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe-core finds on the page as it stands, in both themes; the terminal's own colours are those of the program in it. */
export async function findings(page: Page): Promise<string[]> {
  // Injected past the page's policy, as a browser's own tools are; once in a document.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(`${axe.source}; void 0`)
  return page.evaluate(async () => {
    // `axe` is what the script above has just defined.
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const run = async (theme: string, runOnly?: string[]) => {
      document.documentElement.dataset.theme = theme
      const { violations } = await axe.run(
        { exclude: ['.xterm'] },
        { resultTypes: ['violations'], selectors: false, preload: false, ...(runOnly && { runOnly }) },
      )
      return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${theme}: ${id}: ${node.html.slice(0, 160)}`))
    }
    // The themes differ in nothing but colour.
    const found = [...(await run('dark')), ...(await run('light', ['color-contrast']))]
    delete document.documentElement.dataset.theme
    return found
  })
}
