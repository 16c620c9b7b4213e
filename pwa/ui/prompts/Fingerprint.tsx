import './Fingerprint.css'

/** A fingerprint in groups of four, every other one bold, so that two can be compared by eye or read aloud. */
export function Fingerprint({ of, label, alarm }: { of: string; label: string; alarm?: boolean }) {
  const [, head = '', rest = of] = /^([A-Z0-9]+:)(.*)$/.exec(of) ?? []
  const groups = rest.match(/.{1,4}/g) ?? []
  return (
    <figure class={alarm ? 'fingerprint alarm' : 'fingerprint'}>
      <figcaption>{label}</figcaption>
      <code>
        <span class="quiet">{of}</span>
        <span aria-hidden="true">
          {head}
          {groups.map((group, index) => (
            <span key={index}>{index % 2 ? group : <b>{group}</b>} </span>
          ))}
        </span>
      </code>
    </figure>
  )
}
