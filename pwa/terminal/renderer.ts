import type { Terminal as Xterm } from '@xterm/xterm'

/** Drivers that compute on the processor; there the DOM is several times as fast. */
const software = /swiftshader|llvmpipe|softpipe|software|basic render/i

/**
 * Draws by WebGL where a graphics card does it; by DOM elements where there is none, and from the moment the browser takes
 * the context away.
 */
export async function useWebgl(xterm: Xterm): Promise<void> {
  if (!hasGraphicsCard()) return
  const { WebglAddon } = await import('@xterm/addon-webgl')
  if (!xterm.element?.isConnected) return
  const addon = new WebglAddon()
  addon.onContextLoss(() => addon.dispose())
  xterm.loadAddon(addon)
}

function hasGraphicsCard(): boolean {
  const probe = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true })
  if (!probe) return false
  const names = probe.getExtension('WEBGL_debug_renderer_info')
  const name: unknown = probe.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? probe.RENDERER)
  probe.getExtension('WEBGL_lose_context')?.loseContext()
  return !software.test(String(name))
}
