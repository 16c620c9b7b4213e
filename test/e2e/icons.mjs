import { readFile, writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const pictures = new URL('../../pwa/public/', import.meta.url)
const svg = await readFile(new URL('icon.svg', pictures), 'utf8')
const square = svg.replace(' rx="15"', '')

const sizes = [
  { name: 'icon-32', size: 32, svg },
  { name: 'icon-192', size: 192, svg },
  { name: 'icon-512', size: 512, svg },
  { name: 'icon-180', size: 180, svg: square },
  // The safe zone of a maskable icon is a circle of four fifths; the drawing is made to lie within it.
  {
    name: 'icon-maskable-512',
    size: 512,
    svg: square
      .replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80"')
      .replace('width="64" height="64"', 'x="-8" y="-8" width="80" height="80"'),
  },
]

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' })
try {
  for (const { name, size, svg: drawing } of sizes) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`)
    await writeFile(new URL(`${name}.png`, pictures), await page.screenshot({ omitBackground: true }))
    await page.close()
  }
} finally {
  await browser.close()
}
