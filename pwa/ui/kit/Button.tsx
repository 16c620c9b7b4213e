import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { Icon, type IconNode } from './Icon.tsx'
import './Button.css'

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'class' | 'icon'>

/** A button with a verb on it. `danger` is outlined, never filled: it is not to be the default. */
export function Button({
  kind = 'plain',
  icon,
  children,
  ...rest
}: Native & { kind?: 'plain' | 'primary' | 'danger' | 'bare'; icon?: IconNode; children: ComponentChildren }) {
  return (
    <button type="button" {...rest} class={`button ${kind}`}>
      {icon && <Icon of={icon} />}
      <span>{children}</span>
    </button>
  )
}

/** A button that shows only an icon; `name` is what it does, `keys` the shortcut that its tooltip shows. */
export function IconButton({
  icon,
  name,
  keys,
  ...rest
}: Native & { icon: IconNode; name: string; keys?: string | undefined }) {
  return (
    <button type="button" {...rest} class="icon-button" aria-label={name} data-tip={name} data-tip-keys={keys}>
      <Icon of={icon} />
    </button>
  )
}
