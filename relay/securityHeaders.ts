/**
 * Relays that the app may talk to are not known beforehand, so `connect-src` takes any over TLS, and this machine
 * without. xterm.js writes its colours into `<style>` elements at run time, and its DOM renderer true colours into `style`
 * attributes, which nothing but `unsafe-inline` lets through; scripts stay shut. `wasm-unsafe-eval` lets the app compile
 * WebAssembly, which Argon2id needs, and no text. The one Trusted Types policy, `fairlead`, is the app's, for the
 * addresses of its workers.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self' https: wss: http://localhost:* http://127.0.0.1:* ws://localhost:* ws://127.0.0.1:*",
  "worker-src 'self'",
  "manifest-src 'self'",
  "frame-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types fairlead',
].join('; ')

/** Headers of every answer; over TLS `Strict-Transport-Security` comes on top. */
export const securityHeaders = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()',
}
